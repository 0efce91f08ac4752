/** The part of Node's `ServerResponse` that is used. */
export interface NodeResponse {
  writeHead(status: number, headers: Record<string, string>): { end(body: string): unknown }
}

/** Sends the answer to a refused delivery. */
export function sendAnswer(
  response: NodeResponse,
  answer: { status: number; headers: Readonly<Record<string, string>>; body: string },
): void {
  response.writeHead(answer.status, answer.headers).end(answer.body)
}
