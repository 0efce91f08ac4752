import { type MiddlewareConsumer, Module, type NestModule, RequestMethod } from '@nestjs/common'
import { verifyWebhook } from 'countersign/express'
import { OrdersController } from './orders.controller'
import { WebhooksController } from './webhooks.controller'

/** Nest's parsers run before middleware of a module: create the application with `rawBody: true`, which keeps the bytes. */
@Module({ controllers: [WebhooksController, OrdersController] })
export class AppModule implements NestModule {
  configure(consumer: MiddlewareConsumer): void {
    const secret = () => process.env.WEBHOOK_SECRET
    consumer
      .apply(verifyWebhook({ secret }))
      .forRoutes({ path: 'webhooks', method: RequestMethod.POST })
  }
}
