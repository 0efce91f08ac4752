import { WebhookError } from 'countersign'
import { verifyRequest } from 'countersign/fetch'

/** The secret depends on the route; what the platform knows of it is handed in third. */
const options = {
  secret: ({ env }: { env?: { tenant: string } }) => process.env[`SECRET_${env?.tenant}`],
}

export async function POST(
  request: Request,
  { params }: { params: Promise<{ tenant: string }> },
): Promise<Response> {
  try {
    const { id } = await verifyRequest(request, options, { env: await params })
    return Response.json({ id })
  } catch (error) {
    if (error instanceof WebhookError) return Response.json({ code: error.code }, { status: 400 })
    throw error
  }
}
