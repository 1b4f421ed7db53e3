/** Writes lines as fast as it can, and says which are on the disk, until it is killed: `audit-writer.ts FOLDER`. */
import { AuditLog } from '../../firmware/audit/index.ts';
import { systemClock } from '../../firmware/base/index.ts';

const log = new AuditLog({
  folder: process.argv[2]!,
  clock: systemClock,
  policy: () => ({ keepDays: 365, maxBytes: 2 * 1024 * 1024 }),
  failing: (error) => process.stderr.write(String(error)),
  damaged: (what) => process.stderr.write(JSON.stringify(what)),
  log: () => undefined,
});
await log.start();
for (let count = 0; ; count++) {
  const detail = { count, filler: 'x'.repeat(count % 150) };
  const atUs = systemClock.wallUs();
  log.note({ atUs, who: 'ann', kind: 'token', address: '192.0.2.7', operation: 'x.count', result: 'ok', detail });
  if (count % 20 !== 19) continue;
  if (await log.flush()) process.stdout.write(`${count}\n`);
}
