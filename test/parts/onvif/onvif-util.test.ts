import t from 'tap';
import { NetSite, skipWithoutNamespaces } from '../../support/net-site.ts';
import { runWith, skipWithout } from '../../support/programs.ts';

const LOGIN = { user: 'admin', password: 'a-long-secret' };
const HOUR_MS = 3_600_000;

t.setTimeout(120_000);

// Another hand's program finds and asks the simulated camera, in a network of its own: it calls over every interface that it sees.
t.test(
  'onvif-util finds the simulated camera, reads it, sets its clock and restarts it',
  { skip: (await skipWithout('onvif-util')) || (await skipWithoutNamespaces()) },
  async (t) => {
    const site = await NetSite.start(t);
    await site.place('cam', 11);
    const identity = { serial: 'UTIL-1' };
    const options = { discoverable: true, login: LOGIN, identity, clockOffsetMs: -HOUR_MS };
    const camera = await site.camera('cam', 11, options);
    const util = (args: readonly string[], lines: readonly string[]) => {
      const [program = '', ...rest] = [...site.atBox, 'onvif-util', ...args];
      return runWith(`${lines.join('\n')}\n`, program, rest);
    };
    const found = await util(['-a'], []);
    t.match(found.stdout, /Found 1 cameras\n10\.77\.0\.11 .*\(Yard dome Dome 1\)/);
    t.match(await camera.report(), { logins: 0 }, 'without a login');

    const asks = [
      'get time',
      'get rtsp',
      'get profiles',
      'get profile',
      'get imaging',
      'sync_time',
      'get time',
      'reboot',
    ];
    const session = ['-u', LOGIN.user, '-p', LOGIN.password, '10.77.0.11'];
    const { stdout, code } = await util(session, [...asks, 'yes', 'quit']);
    t.equal(code, 0);
    for (const line of [
      /serial: UTIL-1/,
      /Time Offset: -36\d\d seconds[^]*Time Offset: -?\d seconds/,
      /rtsp:\/\/10\.77\.0\.11:554\/dome/,
      /Token 0: Profile_1/,
      /Width: +320\n +Height: +192\n +Frame Rate: 5\n/,
      /Camera is rebooting/,
    ]) {
      t.match(stdout, line);
    }
    t.notMatch(stdout, /ERROR/);
    const report = await camera.report();
    t.match(report, { wrongPasswords: 0, reboots: 1 });
    t.ok(report.logins > 0 && report.seen.includes('SetSystemDateAndTime'));

    const wrong = await util(['-u', LOGIN.user, '-p', 'not this one', '10.77.0.11'], ['quit']);
    t.match({ code: wrong.code, said: wrong.stdout + wrong.stderr }, { code: 1, said: /NotAuthorized/ });
    t.ok((await camera.report()).wrongPasswords > 0);
  },
);
