// One server in a process of its own: `node serve.mjs <piece> <contestant>` prints the port it listens on.
const [piece, name] = process.argv.slice(2)
const { servers } = await import(`./pieces/${piece}.mjs`)
servers[name]((port) => console.log(port))
