import type { Json } from './engine/json.js'
import type * as subject from './subject.js'

/** The package over one crypto backend. */
export type Subject = typeof subject

/** The package over both. */
export interface Subjects {
  readonly node: Subject
  readonly web: Subject
}

/** One thing that is attacked: where to begin, and the rules that every input must keep. */
export interface Target<Input extends Json = Json> {
  readonly name: string
  readonly seeds: readonly Input[]
  /** Texts that mutations insert. */
  readonly dictionary: readonly string[]
  /** Rejects if the input breaks a rule. Mutations keep the types of the seeds. */
  run(input: Input, subjects: Subjects): Promise<void>
  /** `false` if the time of a run says nothing, because sockets take part. */
  readonly isTimed?: boolean
  /** Called when the target is done. */
  close?(): Promise<void>
}

/** For the table of targets, which hold inputs of many types. */
export function defineTarget<Input extends Json>(target: Target<Input>): Target {
  return target as unknown as Target
}
