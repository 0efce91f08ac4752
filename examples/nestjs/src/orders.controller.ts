import { Body, Controller, Post } from '@nestjs/common'

/** An ordinary route beside the webhook: Nest's own parsers work for it as ever. */
@Controller('orders')
export class OrdersController {
  @Post()
  create(@Body() order: unknown): unknown {
    return order
  }
}
