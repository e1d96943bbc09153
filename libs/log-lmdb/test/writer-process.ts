/** Appends without end to the log in a directory, and prints the seq of each event once it is stored. */
import { createLmdbLog } from '../src/lmdb-log.ts'

const [, , path = '', durability = 'interval'] = process.argv
const log = await createLmdbLog({
  path,
  durability: durability === 'always' ? 'always' : 'interval',
})
for (let i = 0; ; i++) {
  const appended = Array.from({ length: 20 }, (_, place) =>
    log.append({ topic: `t${place % 3}`, event: 'message', data: `${i}-${place}` }),
  )
  const seqs = (await Promise.all(appended)).map(({ id }) => id.seq)
  await new Promise((resolve) => process.stdout.write(`${seqs.join(' ')}\n`, resolve))
}
