// How many bytes `postgresStore` takes in the database for each id that it remembers.
const CLAIM_AND_COMMIT = (table, from, to) => `DO $$ BEGIN
  FOR i IN ${from}..${to - 1} BY 20 LOOP
    INSERT INTO ${table} (key, token, state, until)
      SELECT '/webhooks msg_' || left(md5(n::text), 27), gen_random_uuid()::text, 'claimed', clock_timestamp() + interval '1 minute'
      FROM generate_series(i, i + 19) AS n;
    COMMIT;
    UPDATE ${table} SET token = NULL, state = 'done', until = clock_timestamp() + interval '5 days'
      WHERE key = ANY (ARRAY(SELECT '/webhooks msg_' || left(md5(n::text), 27) FROM generate_series(i, i + 19) AS n));
    COMMIT;
  END LOOP;
END $$`

/** Each row is written as 20 deliveries at once write it: claimed, then done. The sizes of one table, step by step; autovacuum is off meanwhile. */
export async function measureSizes(admin, store, table, ids) {
  await admin(`ALTER TABLE ${table} SET (autovacuum_enabled = off)`)
  const rows = []
  async function step(name, work) {
    await work()
    const [size] = await admin(`SELECT pg_relation_size('${table}') AS heap,
      pg_relation_size('${table}_pkey') AS keys, pg_relation_size('${table}_until') AS until,
      pg_total_relation_size('${table}') AS total, (SELECT count(*) FROM ${table}) AS count`)
    rows.push({ name, ...size })
  }
  const expire = () =>
    admin(`UPDATE ${table} SET until = now() - interval '1 second' WHERE until > now()`)
  const vacuum = () => admin(`VACUUM ${table}`)

  await step('claimed and committed, before any vacuum', () =>
    admin(CLAIM_AND_COMMIT(table, 0, ids)),
  )
  await step('after `VACUUM`', vacuum)
  await step('packed by `VACUUM FULL`: the least', () => admin(`VACUUM FULL ${table}`))
  await step('a second time as many, and `VACUUM`', async () => {
    await admin(CLAIM_AND_COMMIT(table, ids, 2 * ids))
    await vacuum()
  })
  await step('all expired, `sweep()`, no vacuum yet', async () => {
    await expire()
    await store.sweep()
  })
  await step('`VACUUM` after the sweep', vacuum)
  await step('as many ids as at first, again', () => admin(CLAIM_AND_COMMIT(table, 0, ids)))
  return rows
}
