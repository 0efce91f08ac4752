import fc from 'fast-check'

// A property gets a part of a second for each mutant, and a failing one is not made smaller: only the verdict counts.
fc.configureGlobal({ interruptAfterTimeLimit: 1_000, endOnFailure: true })
