import {
  cpSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Program, Setup } from './matrix.js'

/** Folders outside the repository, each with the unpacked tarball and what is installed beside it. */
export interface Projects {
  /** A fresh project with one consumer in it. */
  create(file: string, peers: Program['peers'], type: Setup['type']): string
}

/** `unpack` installs the tarball in a folder. */
export function createProjects(
  temporary: string,
  here: string,
  unpack: (folder: string) => void,
): Projects {
  const installed = join(here, 'node_modules')
  const roots = {
    none: join(temporary, 'none'),
    all: join(temporary, 'all'),
    express4: join(temporary, 'express4'),
  }
  for (const root of Object.values(roots)) {
    unpack(root)
  }
  for (const name of readdirSync(installed)) {
    if (!name.startsWith('.'))
      symlinkSync(join(installed, name), join(roots.all, 'node_modules', name))
  }
  const types = join(roots.express4, 'node_modules/@types')
  mkdirSync(types)
  for (const name of readdirSync(join(installed, '@types'))) {
    if (!name.startsWith('express')) symlinkSync(join(installed, '@types', name), join(types, name))
  }
  // Version 4, as npm would lay it out for a project that asks for it.
  cpSync(join(installed, '@types/express4'), join(types, 'express'), { recursive: true })
  const nested = join(types, 'express/node_modules/@types')
  for (const name of readdirSync(nested)) {
    rmSync(join(types, name), { force: true })
    renameSync(join(nested, name), join(types, name))
  }

  let count = 0
  return {
    create(file, peers, type) {
      const folder = join(roots[peers], `project-${count++}`)
      mkdirSync(folder)
      cpSync(join(here, 'consumers', `${file}.ts`), join(folder, `${file}.ts`))
      writeFileSync(join(folder, 'package.json'), JSON.stringify({ type }))
      return folder
    },
  }
}
