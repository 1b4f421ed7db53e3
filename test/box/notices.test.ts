import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { Box } from '../support/box.ts';
import { WebReceiver } from '../support/web-receiver.ts';

const SECRET = 'canary-5d1e-signing-secret';
const PASSWORD = 'canary-90ab-mail-password';

interface Listed {
  readonly channels: readonly { readonly id: string; readonly state: string }[];
  readonly notices: readonly { readonly title: string; readonly deliveries: readonly { readonly state: string }[] }[];
}

t.test('channels are set, tried and removed on the command line, and no answer shows a secret', async (t) => {
  const receiver = await WebReceiver.start(t);
  const box = await Box.prepare(t, { settings: {} });
  const said: string[] = [];
  const says = async (words: string[], code: number, pattern: RegExp, input?: string): Promise<void> => {
    const done = await box.cli(words, input);
    said.push(done.stdout, done.stderr);
    t.equal(done.code, code, `${words.join(' ')}: ${done.stderr}`);
    t.match(done.stdout + done.stderr, pattern);
  };
  const mail = ['notices', 'email', 'set', '127.0.0.1', '--from', 'box@site.test', '--to', 'a@site.test,b@site.test'];
  const add = ['notices', 'webhook', 'add', 'hub', `${receiver.url}?key=canary-url-key`];
  await says([...mail, '--port', '1', '--username', 'u', '--password-stdin'], 0, /by e-mail/, `${PASSWORD}\n`);
  await says([...mail.slice(0, -1), 'not an address'], 1, /config\.invalid[\s\S]*notices\.email\.to/);
  await says(add, 2, /secret/);
  await says([...add, '--secret-stdin'], 1, /must be https/, `${SECRET}\n`);
  await says([...add, '--secret-stdin', '--allow-http'], 0, /Notices are posted/, `${SECRET}\n`);
  await says([...add, '--secret-stdin', '--allow-http'], 1, /notices\.channel-exists/, `${SECRET}\n`);
  await says(['notices', 'test', 'webhook/hub'], 1, /notices\.target-refused/);
  await says(['notices', 'set', '--networks', '127.0.0.0/8', '--quiet', '0', '--language', 'zh-CN'], 0, /in force/);
  await says(['notices', 'set', '--networks', '127.0.0.0/99'], 1, /config\.invalid/);
  await says(['notices', 'test', 'webhook/hub'], 0, /has taken the test notice/);
  await says(['notices', 'test', 'email'], 1, /could not be reached[\s\S]*notices\.unreachable/);
  await says(['notices', 'test', 'sms'], 1, /notices\.no-such-channel/);
  t.match(JSON.parse(receiver.posts[0]!.body), { kind: 'test', title: /测试通知/ });

  await box.run();
  await says(['notices', 'test', 'webhook/hub'], 0, /has taken/);
  await says(['notices', 'list'], 0, /email {2}a@site\.test[\s\S]*webhook\/hub {2}http:\/\/127\.0\.0\.1/);
  await says(['notices', 'list', '--json'], 0, /"channels"/);
  await says(['notices', 'email', 'remove'], 0, /No more/);
  t.match(await box.call<Listed>('notices.list'), { channels: [{ id: 'webhook/hub' }] });
  await box.stop();
  await says(['notices', 'webhook', 'remove', 'hub'], 0, /Removed webhook\/hub/);
  t.notMatch([...said, box.output].join('\n'), /canary/);
  const kept = await readFile(join(box.data, 'notices.json'), 'utf8');
  t.notMatch(kept, /canary/);
});

t.test('a fault of the box reaches the webhook', async (t) => {
  const receiver = await WebReceiver.start(t);
  const webhooks = [{ id: 'hub', url: receiver.url, secret: SECRET, allowHttp: true }];
  const box = await Box.prepare(t, {});
  // A volume of this name was there before, so an empty folder is a missing disk.
  await box.writeSettings({ notices: { webhooks, allowNetworks: ['127.0.0.0/8'], quietS: 0 } });
  await box.run();
  await box.untilStatus('the volume is in use', ({ volumes }) => volumes.some(({ state }) => state === 'ready'));
  await box.stop();
  await box.writeSettings({
    volumes: [{ id: 'disk1', folder: 'elsewhere' }],
    notices: { webhooks, allowNetworks: ['127.0.0.0/8'], quietS: 0 },
  });
  await box.run();
  await receiver.arrived(1);
  t.match(JSON.parse(receiver.posts[0]!.body), { items: [{ code: 'storage.not-mounted' }] });
});
