// Express alone, with the types of version 4 or 5.
import { keepRawBody, verifyWebhook } from 'countersign/express'
import express from 'express'

interface Paid {
  amount: number
}
const secret = ({ request }: { request: express.Request }): string => request.hostname
const app = express()
app.use('/parsed', express.json({ verify: keepRawBody }))
app.post(
  '/:tenant',
  verifyWebhook<Paid>({ secret, onReject: (error, _req, res) => void res.send(error.code) }),
  (req, res) => {
    const amount: number = req.webhook.payload.amount
    res.json({ amount, tenant: req.params.tenant })
  },
)
app.use('/hooks', verifyWebhook({ secret }), (req, res) => {
  res.send(req.webhook.id)
})
export default app
