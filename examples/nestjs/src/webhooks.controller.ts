import { Controller, HttpCode, Post, Req } from '@nestjs/common'
import type { Request } from 'express'

@Controller('webhooks')
export class WebhooksController {
  readonly received: string[] = []

  /** Runs for authentic deliveries only. */
  @Post()
  @HttpCode(204)
  receive(@Req() { webhook }: Request): void {
    this.received.push(webhook.id)
  }
}
