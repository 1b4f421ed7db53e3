/** A sentence in the two languages of the box. */
export interface Words {
  readonly en: string;
  readonly zh: string;
}

/** What a finding says of a disk. A growth is told apart from a level, since it means more. */
export type FindingCode =
  | 'self-assessment'
  | 'attribute-failing'
  | 'attribute-worn'
  | 'attribute-failed-before'
  | 'some-attribute-failed-before'
  | 'reallocated'
  | 'pending'
  | 'uncorrectable'
  | 'reported'
  | 'crc'
  | 'timeouts'
  | 'data-path'
  | 'spin-retries'
  | 'helium'
  | 'self-test'
  | 'part-broken'
  | 'error-log'
  | 'unreadable-lately'
  | 'worn'
  | 'spare-used'
  | 'spare-low'
  | 'read-only'
  | 'reliability'
  | 'backup-failed'
  | 'memory-region'
  | 'media-errors'
  | 'grown-defects'
  | 'uncorrected-io'
  | 'hot'
  | 'temperature-alarm'
  | 'warm'
  | 'cold'
  | 'grows-fast'
  | 'grows'
  | 'link-errors-grow'
  | 'timeouts-grow'
  | 'errors-grow'
  | 'hotter'
  | 'was-too-hot'
  | 'wears-out'
  | 'not-told'
  | 'was-told-before'
  | 'was-failing'
  | 'slower'
  | 'slow-now-and-then'
  | 'stalls';

export type AdviceCode =
  | 'replace-now'
  | 'replace-soon'
  | 'watch'
  | 'cable'
  | 'cool'
  | 'warm-up'
  | 'plan'
  | 'turn-on'
  | 'rights'
  | 'bridge'
  | 'slow'
  | 'none';

/** Figures and names for the blanks of a sentence. */
export type Blanks = Readonly<Record<string, string | number>>;

interface Sentence extends Words {
  readonly advice: AdviceCode;
}

/** `{name}` is a blank. */
const SENTENCES: Readonly<Record<FindingCode, Sentence>> = {
  'self-assessment': {
    en: 'The disk says of itself that it is failing.',
    zh: '硬盘自检报告即将损坏。',
    advice: 'replace-now',
  },
  'attribute-failing': {
    en: '{name} ({id}) has fallen to {value}, its limit is {threshold}.',
    zh: '{name}({id})已降至 {value},下限为 {threshold}。',
    advice: 'replace-now',
  },
  'attribute-worn': {
    en: '{name} ({id}) is used up: {value}, its limit is {threshold}.',
    zh: '{name}({id})已耗尽:{value},下限为 {threshold}。',
    advice: 'replace-soon',
  },
  'attribute-failed-before': {
    en: '{name} ({id}) was once at {worst}, its limit is {threshold}.',
    zh: '{name}({id})曾降至 {worst},下限为 {threshold}。',
    advice: 'watch',
  },
  'some-attribute-failed-before': {
    en: 'One of the figures by which the disk judges itself was once past its limit.',
    zh: '硬盘某项自检指标曾超出下限。',
    advice: 'watch',
  },
  reallocated: {
    en: 'Bad sectors replaced by spare ones: {count}.',
    zh: '已被备用扇区替换的坏扇区:{count} 个。',
    advice: 'watch',
  },
  pending: {
    en: 'Sectors that cannot be read now and wait to be replaced: {count}.',
    zh: '当前无法读取、等待替换的扇区:{count} 个。',
    advice: 'replace-soon',
  },
  uncorrectable: {
    en: 'Sectors that could not be mended: {count}.',
    zh: '无法修复的扇区:{count} 个。',
    advice: 'replace-soon',
  },
  reported: {
    en: 'Errors that the disk could not correct and reported: {count}.',
    zh: '硬盘无法纠正并上报的错误:{count} 次。',
    advice: 'replace-soon',
  },
  crc: {
    en: 'Faulty transfers between disk and box: {count}. That is the cable or the plug, not the disk.',
    zh: '硬盘与设备之间的传输错误:{count} 次。原因是线缆或接口,而非硬盘。',
    advice: 'cable',
  },
  timeouts: {
    en: 'Commands that the disk did not finish in time: {count}.',
    zh: '硬盘未及时完成的命令:{count} 次。',
    advice: 'cable',
  },
  'data-path': {
    en: 'Data changed on its way inside the disk: {count} times.',
    zh: '数据在硬盘内部传输时出错:{count} 次。',
    advice: 'replace-soon',
  },
  'spin-retries': {
    en: 'The disk needed more than one try to spin up: {count} times.',
    zh: '硬盘多次尝试才起转:{count} 次。',
    advice: 'watch',
  },
  helium: {
    en: 'The helium in the disk has fallen to {value} of 100.',
    zh: '硬盘内氦气已降至 {value}(满值 100)。',
    advice: 'replace-soon',
  },
  'self-test': {
    en: 'Self-tests that found a fault: {count}.',
    zh: '发现故障的自检:{count} 次。',
    advice: 'replace-soon',
  },
  'part-broken': {
    en: 'A self-test found a broken part of the disk.',
    zh: '自检发现硬盘部件损坏。',
    advice: 'replace-now',
  },
  'error-log': { en: 'Errors in the log of the disk: {count}.', zh: '硬盘日志中的错误:{count} 条。', advice: 'watch' },
  'unreadable-lately': {
    en: 'Sectors that could not be read in the last 30 days of running: {count}.',
    zh: '最近 30 天运行中无法读取的扇区:{count} 个。',
    advice: 'replace-soon',
  },
  worn: {
    en: '{percent} % of the life that the maker promises for writing is used.',
    zh: '厂商标称的写入寿命已使用 {percent} %。',
    advice: 'plan',
  },
  'spare-used': {
    en: 'Of the spare blocks {percent} % are left.',
    zh: '备用块剩余 {percent} %。',
    advice: 'plan',
  },
  'spare-low': {
    en: 'The spare blocks have run out: {percent} % left, the limit is {threshold} %.',
    zh: '备用块已不足:剩余 {percent} %,下限为 {threshold} %。',
    advice: 'replace-now',
  },
  'read-only': {
    en: 'The disk has made itself read-only.',
    zh: '硬盘已自行转为只读。',
    advice: 'replace-now',
  },
  reliability: {
    en: 'The disk says that it can no longer be relied on.',
    zh: '硬盘报告其可靠性已下降。',
    advice: 'replace-now',
  },
  'backup-failed': {
    en: 'The part that saves the cache of the disk in a power cut has failed.',
    zh: '硬盘断电时保护缓存的部件已失效。',
    advice: 'replace-now',
  },
  'memory-region': {
    en: 'The persistent memory of the disk, which the box does not use, has become unreliable.',
    zh: '硬盘的持久内存区(本机未使用)已不可靠。',
    advice: 'replace-soon',
  },
  'media-errors': {
    en: 'Data that the disk could not read back: {count} times.',
    zh: '硬盘无法读回的数据:{count} 次。',
    advice: 'replace-soon',
  },
  'grown-defects': {
    en: 'Defects that have grown since the disk was made: {count}.',
    zh: '出厂后新增的缺陷:{count} 个。',
    advice: 'watch',
  },
  'uncorrected-io': {
    en: 'Reads and writes that the disk could not correct: {count}.',
    zh: '硬盘无法纠正的读写错误:{count} 次。',
    advice: 'replace-soon',
  },
  hot: {
    en: 'The disk is at {celsius} °C, its limit is {limit} °C.',
    zh: '硬盘温度 {celsius} °C,上限为 {limit} °C。',
    advice: 'cool',
  },
  'temperature-alarm': {
    en: 'The disk says that it is too hot or too cold.',
    zh: '硬盘报告温度过高或过低。',
    advice: 'cool',
  },
  warm: {
    en: 'The disk is at {celsius} °C, near its limit of {limit} °C.',
    zh: '硬盘温度 {celsius} °C,接近上限 {limit} °C。',
    advice: 'cool',
  },
  cold: {
    en: 'The disk is at {celsius} °C, below its lower limit of {limit} °C.',
    zh: '硬盘温度 {celsius} °C,低于下限 {limit} °C。',
    advice: 'warm-up',
  },
  'grows-fast': {
    en: '{count} more {what} in {days} days: the disk is dying.',
    zh: '{days} 天内{whatZh}增加 {count}:硬盘正在损坏。',
    advice: 'replace-now',
  },
  grows: {
    en: '{count} more {what} in {days} days.',
    zh: '{days} 天内{whatZh}增加 {count}。',
    advice: 'replace-soon',
  },
  'link-errors-grow': {
    en: '{count} more faulty transfers in {days} days. That is the cable or the plug, not the disk.',
    zh: '{days} 天内传输错误增加 {count} 次。原因是线缆或接口,而非硬盘。',
    advice: 'cable',
  },
  'timeouts-grow': {
    en: '{count} more commands not finished in time in {days} days.',
    zh: '{days} 天内未及时完成的命令增加 {count} 次。',
    advice: 'cable',
  },
  'errors-grow': {
    en: '{count} more errors in the log of the disk in {days} days.',
    zh: '{days} 天内硬盘日志错误增加 {count} 条。',
    advice: 'watch',
  },
  hotter: {
    en: 'The disk runs {celsius} °C hotter than in the weeks before.',
    zh: '硬盘温度比前几周高 {celsius} °C。',
    advice: 'cool',
  },
  'was-too-hot': {
    en: 'The disk was above its critical temperature for {minutes} minutes in {days} days.',
    zh: '{days} 天内硬盘超过临界温度 {minutes} 分钟。',
    advice: 'cool',
  },
  'wears-out': {
    en: 'At this pace the life that the maker promises for writing ends in about {days} days.',
    zh: '按此速度,标称写入寿命约在 {days} 天后用尽。',
    advice: 'plan',
  },
  'not-told': { en: '{why}', zh: '{whyZh}', advice: 'none' },
  'was-told-before': {
    en: 'The disk told of its health before and no longer does. {why}',
    zh: '硬盘以前报告健康状况,现在不再报告。{whyZh}',
    advice: 'cable',
  },
  'was-failing': {
    en: 'The disk was failing when it last told of its health.',
    zh: '硬盘上次报告时已处于损坏状态。',
    advice: 'replace-now',
  },
  slower: {
    en: '{doing} takes {ms} ms where it used to take {usual} ms.',
    zh: '{doingZh}耗时 {ms} 毫秒,以往为 {usual} 毫秒。',
    advice: 'slow',
  },
  'slow-now-and-then': {
    en: '{doing} takes up to {ms} ms now and then.',
    zh: '{doingZh}有时耗时达 {ms} 毫秒。',
    advice: 'slow',
  },
  stalls: {
    en: '{doing} took more than {seconds} s {count} times in a few minutes.',
    zh: '几分钟内{doingZh}有 {count} 次超过 {seconds} 秒。',
    advice: 'slow',
  },
};

const ADVICE: Readonly<Record<AdviceCode, Words>> = {
  'replace-now': {
    en: 'Replace the disk now. New recordings go to other disks; copy what must be kept.',
    zh: '请立即更换硬盘。新录像会写入其他硬盘;请先复制需要保留的录像。',
  },
  'replace-soon': {
    en: 'Order a new disk and copy off what must be kept.',
    zh: '请准备新硬盘,并复制需要保留的录像。',
  },
  watch: { en: 'Nothing to do now; the box warns if it grows.', zh: '目前无需处理;如继续增长,设备会发出警告。' },
  cable: { en: "Check or replace the disk's cable, plug and power.", zh: '请检查或更换硬盘的线缆、接口和电源。' },
  cool: { en: 'Give the disk more air; check the fan and the dust.', zh: '请改善散热,检查风扇和灰尘。' },
  'warm-up': { en: 'Move the box to a warmer place.', zh: '请将设备移至较暖处。' },
  plan: { en: 'Plan to replace the disk before it is used up.', zh: '请计划在寿命用尽前更换硬盘。' },
  'turn-on': { en: 'Switch SMART on for this disk: smartctl -s on.', zh: '请为该硬盘打开 SMART:smartctl -s on。' },
  rights: {
    en: 'Let the privileged process of the box run (board/README.md), and install smartmontools.',
    zh: '请运行设备的特权进程(见 board/README.md),并安装 smartmontools。',
  },
  bridge: {
    en: 'Connect the disk directly or through an enclosure that passes SMART on.',
    zh: '请直接连接硬盘,或使用支持 SMART 透传的硬盘盒。',
  },
  slow: {
    en: 'Look at the health of the disk, its cable and its power; a disk that grows slow often fails next.',
    zh: '请检查硬盘健康状况、线缆和供电;变慢的硬盘往往即将损坏。',
  },
  none: {
    en: 'Nothing to do; the box judges the disk by its writing times.',
    zh: '无需处理;设备按写入耗时判断硬盘状况。',
  },
};

export function sentence(code: FindingCode, blanks: Blanks): Words {
  const { en, zh } = SENTENCES[code];
  return { en: filled(en, blanks), zh: filled(zh, blanks) };
}

export function adviceOf(code: FindingCode, instead?: AdviceCode): Words {
  return ADVICE[instead ?? SENTENCES[code].advice];
}

function filled(text: string, blanks: Blanks): string {
  return text.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(blanks, name) ? String(blanks[name]) : whole,
  );
}
