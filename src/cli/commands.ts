import { accountCommand } from './account.js'
import { diagnoseCommand } from './diagnose.js'
import type { Command } from './frame/command.js'
import { listenCommand } from './listen.js'
import { probeCommand } from './probe.js'
import { rotateCommand } from './rotate.js'
import { secretCommand } from './secret.js'
import { sendCommand } from './send.js'
import { signCommand } from './sign.js'
import { verifyCommand } from './verify.js'

/** Every command by its name. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  listen: listenCommand,
  send: sendCommand,
  probe: probeCommand,
  diagnose: diagnoseCommand,
  verify: verifyCommand,
  sign: signCommand,
  secret: secretCommand,
  account: accountCommand,
  rotate: rotateCommand,
}
