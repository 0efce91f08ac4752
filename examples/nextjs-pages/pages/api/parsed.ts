// What happens without bodyParser: false. Not part of a real application.
export { default } from './webhooks'
