import t from 'tap';
import type { Notice } from '../../../firmware/notices/notice.ts';
import { quietForMin } from '../../../firmware/notices/quiet-hours.ts';
import { itemsFor, messageOf } from '../../../firmware/notices/words.ts';
import { inert, plainContext } from '../../../firmware/notices/notice.ts';

const item = {
  code: 'rtsp.timeout',
  subject: 'camera/front',
  severity: 'warning',
  state: 'standing',
  sinceUs: Date.parse('2026-05-31T10:30:00Z') * 1000,
  times: 3,
  context: { host: '10.0.0.7' },
} as const;
const notice: Notice = {
  id: '6a2f41a3-c54c-4a02-9c5a-1d2c4f2ee8aa',
  atUs: Date.parse('2026-05-31T10:30:10Z') * 1000,
  kind: 'problems',
  items: [item, { ...item, subject: 'box', severity: 'error', code: 'config.unreadable', times: 1, context: {} }],
  more: 2,
  deliveries: [],
};
const wording = {
  language: 'en',
  timeZone: 'Asia/Shanghai',
  box: { id: 'b', name: 'Shop' },
  nameOf: (subject: string) => (subject === 'camera/front' ? 'Front\r\nBcc: x@y \u202egate' : undefined),
} as const;
const all = { id: 'email', minSeverity: 'notice' } as const;

t.test('a notice in English', async (t) => {
  const { title, text, facts } = messageOf(notice, all, wording);
  t.equal(title, '[Shop] Error: box: The settings could not be read. (+3)');
  t.match(text, /Warning: camera Front Bcc: x@y +gate\nThe camera did not answer in time\.\nCheck the network/);
  t.match(text, /since 2026-05-31 18:30:00 GMT\+8, 3 times; rtsp\.timeout\)\n {2}host: 10\.0\.0\.7/);
  t.match(text, /and 2 more/);
  t.match(facts, {
    severity: 'error',
    more: 2,
    items: [{ code: 'config.unreadable' }, { times: 3, state: 'standing' }],
  });
});

t.test('the same in Chinese', async (t) => {
  const { title, text } = messageOf(notice, all, { ...wording, language: 'zh-CN' });
  t.equal(title, '[Shop] 错误：本机：无法读取设置。 (+3)');
  t.match(text, /警告：摄像机 Front/);
  t.match(text, /摄像机没有及时应答。/);
});

t.test('what is over needs no advice; a test says that it is one', async (t) => {
  const over = { ...notice, items: [{ ...item, state: 'over' as const }], more: 0 };
  const { title, text } = messageOf(over, all, wording);
  t.match(title, /^\[Shop\] Over: camera Front/);
  t.notMatch(text, /Check the network/);
  const test = messageOf({ ...notice, kind: 'test', items: [], more: 0 }, all, { ...wording, language: 'zh-CN' });
  t.equal(test.title, '[Shop] 测试通知');
});

t.test('a channel is told what is grave enough, and never of its own failure', async (t) => {
  const own = { ...item, code: 'notices.undelivered', subject: 'channel/email', severity: 'error' } as const;
  t.strictSame(itemsFor([item, own], { id: 'email', minSeverity: 'error' }), []);
  t.strictSame(itemsFor([item, own], { id: 'webhook/a', minSeverity: 'error' }), [own]);
  t.strictSame(itemsFor([item, own], { id: 'webhook/a', minSeverity: 'notice' }), [item, own]);
});

t.test('names cannot begin a line or turn the writing around; contexts stay small', async (t) => {
  t.notMatch(inert('a\r\nb\u0000c\u202ed'), /[\p{Cc}\u202e]/u);
  const context = plainContext({
    long: 'x'.repeat(5000),
    deep: { password: 'p' },
    list: [1],
    ...Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`k${n}`, n])),
  });
  t.equal(String(context['long']).length, 200);
  t.equal(Object.keys(context).length, 12);
  t.notOk('deep' in context || 'list' in context);
});

t.test('quiet hours', async (t) => {
  const at = (time: string): number => Date.parse(`2026-05-31T${time}:00Z`) * 1000;
  const night = [{ from: '22:00', to: '07:00' }];
  t.equal(quietForMin(night, at('21:59'), 'UTC'), undefined);
  t.equal(quietForMin(night, at('22:00'), 'UTC'), 540);
  t.equal(quietForMin(night, at('06:59'), 'UTC'), 1);
  t.equal(quietForMin(night, at('07:00'), 'UTC'), undefined);
  t.equal(quietForMin(night, at('15:00'), 'Asia/Shanghai'), 480, 'by the clocks of the site');
  t.equal(quietForMin([...night, { from: '06:00', to: '08:00' }], at('06:30'), 'UTC'), 90);
  t.equal(quietForMin([], at('23:00'), 'UTC'), undefined);
});
