import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import { verifyWebhook } from 'countersign/express'
import { OrdersController } from './orders.controller'
import { WebhooksController } from './webhooks.controller'

@Module({ controllers: [WebhooksController, OrdersController] })
class PlainModule {}

/** The other way: what `app.use` mounts before `listen` stands in front of Nest's parsers, and needs no `rawBody`. */
export async function createApp(): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(PlainModule, { logger: false })
  app.use('/webhooks', verifyWebhook({ secret: () => process.env.WEBHOOK_SECRET }))
  return app
}
