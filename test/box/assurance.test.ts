import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { z } from 'zod';
import type { AssuranceMonth, PlanForecast, StoragePlan } from '../../firmware/control/index.ts';
import { Box, cameraAt, until } from '../support/box.ts';
import { CameraFarm } from '../support/camera/farm.ts';

type Month = z.output<typeof AssuranceMonth>;

t.test(
  'a camera that is cut off: the alarm comes, and the report shows what is missing and why',
  { timeout: 240_000 },
  async (t) => {
    const farm = await CameraFarm.start({ cameras: [{ path: 'cut' }, { path: 'steady' }] });
    t.teardown(() => farm.stop());
    const box = await Box.start(t, {
      settings: {
        site: { timeZone: 'Asia/Kolkata' },
        cameras: [
          cameraAt('cut', farm.url('cut'), { name: 'Cut <off>' }),
          cameraAt('steady', farm.url('steady'), { wishDays: 2 }),
          cameraAt('rare', farm.url('steady'), { mode: 'event' }),
        ],
      },
    });
    await box.untilCamera('cut', 'recording', ({ recording }) => recording === 'recording');

    farm.camera('cut').faults.set({ mediaDropOut: { everyMs: 1e9, forMs: 1e9 } });
    const missing = ({ problems }: Awaited<ReturnType<Box['status']>>): string[] =>
      problems.filter(({ code }) => code === 'recording.missing').map(({ subject }) => subject);
    const alarmed = await box.untilStatus('the alarm', (status) => missing(status).length > 0, 120_000);
    t.strictSame(missing(alarmed), ['camera/cut'], 'only the camera that should be recorded and is not');
    farm.camera('cut').faults.reset();
    await box.untilStatus('the alarm goes', (status) => missing(status).length === 0, 120_000);
    const [gap] = await until('the gap', async () => {
      const gaps = await box.gaps('cut');
      return gaps.length > 0 ? gaps : undefined;
    });

    // The report speaks up to some seconds ago.
    const report = await until(
      'the gap in the report',
      async () => {
        const month = await box.call<Month>('assurance.report');
        const holes = month.cameras.find(({ camera }) => camera === 'cut')?.days.flatMap((day) => day.missing) ?? [];
        return holes.some(({ end }) => end === gap!.end) ? month : undefined;
      },
      () => '',
      60_000,
    );
    const cut = report.cameras.find(({ camera }) => camera === 'cut')!;
    t.equal(cut.name, 'Cut <off>');
    t.equal(report.timeZone, 'Asia/Kolkata');
    t.ok(
      Math.abs(cut.missingByReason['camera-down']! - gap!.seconds) < 1e-3,
      `${cut.missingByReason['camera-down']} s`,
    );
    t.ok(Math.abs(cut.expectedS - cut.recordedS - cut.missingS) < 1e-3, 'nothing is left over');
    const steady = report.cameras.find(({ camera }) => camera === 'steady')!;
    t.notOk(steady.missingByReason['camera-down']);
    t.notOk(report.cameras.some(({ camera, expectedS }) => camera === 'rare' && expectedS > 0));

    const forecast = await box.call<z.output<typeof PlanForecast>>('plan.show');
    t.same(forecast.cameras.map(({ camera }) => camera).sort(), ['cut', 'rare', 'steady']);
    t.equal(forecast.volumes.length, 1);
    const plan = await box.call<z.output<typeof StoragePlan>>('plan.propose', {
      wishes: [{ camera: 'cut', days: 3650 }],
    });
    t.notOk(plan.fits);
    const { code, stdout } = await box.cli(['disks', 'plan', '--wish', 'cut=3650']);
    t.equal(code, 0);
    t.match(stdout, /Cut <off>[\s\S]*disk disk1[\s\S]*more room/);
    const applied = await box.cli(['disks', 'plan', '--wish', 'cut=3', '--apply', 'recommended', '--json']);
    t.equal(applied.code, 0, applied.stderr);
    const refused = await box.cli(['disks', 'plan', '--apply', 'retention:cut:77']);
    t.equal(refused.code, 1);
    t.match(refused.stderr, /no such proposal/);
    t.match(JSON.parse(await readFile(join(box.data, 'settings.json'), 'utf8')), {
      cameras: [{ id: 'cut', wishDays: 3 }, {}, {}],
    });

    await box.stop();
    const html = join(box.data, 'report.html');
    const csv = join(box.data, 'report.csv');
    t.equal((await box.cli(['assurance', 'report', '--html', html, '--lang', 'zh'])).code, 0, 'also of a stopped box');
    t.equal((await box.cli(['assurance', 'report', '--csv', csv])).code, 0);
    const page = await readFile(html, 'utf8');
    t.match(page, /<html lang="zh-CN">[\s\S]*录像保障报告[\s\S]*Cut &lt;off&gt;[\s\S]*摄像机故障/);
    t.notMatch(page, /<(?:script|link|img)\b|https?:/, 'nothing from outside');
    const lines = (await readFile(csv, 'utf8')).trimEnd().split('\r\n');
    t.ok(lines.some((line) => line.includes(',Cut <off>,cut,')));
    t.match((await box.cli(['assurance', 'report'])).stdout, /Cut <off>.*camera-down/);
  },
);
