import type { MissingReason } from './day-account.ts';

export type Language = 'en' | 'zh';

export interface ReportWords {
  readonly htmlLanguage: string;
  readonly title: string;
  readonly box: string;
  readonly month: string;
  readonly timeZone: string;
  readonly made: string;
  readonly until: string;
  readonly summary: string;
  readonly camera: string;
  readonly day: string;
  readonly expected: string;
  readonly recorded: string;
  readonly missing: string;
  readonly filledIn: string;
  readonly besides: string;
  readonly share: string;
  readonly total: string;
  readonly daily: string;
  readonly dailyNote: string;
  readonly holes: string;
  readonly noHoles: string;
  readonly from: string;
  readonly to: string;
  readonly length: string;
  readonly reason: string;
  readonly nothingExpected: string;
  readonly more: (count: number) => string;
  readonly signature: string;
  readonly reasons: Readonly<Record<MissingReason, string>>;
}

export const WORDS: Readonly<Record<Language, ReportWords>> = {
  en: {
    htmlLanguage: 'en',
    title: 'Recording assurance',
    box: 'Box',
    month: 'Month',
    timeZone: 'Time zone',
    made: 'Made',
    until: 'Speaks up to',
    summary: 'Cameras',
    camera: 'Camera',
    day: 'Day',
    expected: 'Expected',
    recorded: 'Recorded',
    missing: 'Missing',
    filledIn: 'Filled in later',
    besides: 'Events, by hand',
    share: 'Share',
    total: 'All cameras',
    daily: 'Share recorded by day',
    dailyNote: 'In per cent of what was expected; 100 only if not a second is missing. A dot: nothing was expected.',
    holes: 'What is missing',
    noHoles: 'Nothing is missing.',
    from: 'From',
    to: 'To',
    length: 'Length',
    reason: 'Reason',
    nothingExpected: 'nothing expected',
    more: (count) => `and ${count} shorter ones; the table of values (CSV) and the sums above include them`,
    signature: 'Checked by, date',
    reasons: {
      'camera-down': 'camera down',
      'network-loss': 'network loss',
      disk: 'disk',
      schedule: 'schedule',
      restart: 'restart of the box',
      overload: 'overload',
      'clock-step': 'clock set',
      stopped: 'stopped by somebody',
      full: 'disks full',
      brief: 'pauses up to 1 s',
      unknown: 'unknown',
    },
  },
  zh: {
    htmlLanguage: 'zh-CN',
    title: '录像保障报告',
    box: '设备',
    month: '月份',
    timeZone: '时区',
    made: '生成时间',
    until: '统计截至',
    summary: '摄像机',
    camera: '摄像机',
    day: '日期',
    expected: '应录',
    recorded: '实录',
    missing: '缺失',
    filledIn: '事后补录',
    besides: '事件及手动',
    share: '完整率',
    total: '全部摄像机',
    daily: '每日录像完整率',
    dailyNote: '单位为百分比；一秒不缺才显示 100。圆点表示当日无应录时段。',
    holes: '缺失明细',
    noHoles: '无缺失。',
    from: '开始',
    to: '结束',
    length: '时长',
    reason: '原因',
    nothingExpected: '无应录时段',
    more: (count) => `另有 ${count} 段较短缺失，已计入上表及 CSV 数据`,
    signature: '检查人、日期',
    reasons: {
      'camera-down': '摄像机故障',
      'network-loss': '网络中断',
      disk: '磁盘故障',
      schedule: '计划停录',
      restart: '设备重启',
      overload: '负载过高',
      'clock-step': '时钟调整',
      stopped: '人为停止',
      full: '磁盘已满',
      brief: '一秒以内停顿',
      unknown: '原因不明',
    },
  },
};
