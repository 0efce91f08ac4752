export default function Home() {
  return <p>Deliveries go to /api/webhooks.</p>
}
