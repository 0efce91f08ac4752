import 'reflect-metadata'
import * as common from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { nestSuite } from '../suite.mjs'

nestSuite({ common, NestFactory, ExpressAdapter, FastifyAdapter })
