import { NestFactory } from '@nestjs/core'
import { AppModule } from './app.module'

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, { rawBody: true })
  await app.listen(3000)
}

void main()
