import type { JSX } from 'preact';
import type { ComponentType } from 'preact';
import { may, type Right } from '../../box/session.ts';
import { NotFound, Tabs } from '../../parts/show.tsx';
import { parts } from '../../shell/route.ts';
import { t, type Word } from '../../words/index.ts';
import { Configuration } from './configuration.tsx';
import { Help } from './help.tsx';
import { LogTab } from './log.tsx';
import { MyAccount } from './me.tsx';
import { NoticesTab } from './notices.tsx';
import { RtspOutput } from './rtsp.tsx';
import { Sessions } from './sessions.tsx';
import { StateTab } from './state.tsx';
import { Terminals } from './terminals.tsx';
import { Tokens } from './tokens.tsx';
import { Users } from './users.tsx';

interface Tab {
  readonly at: string;
  readonly word: Word;
  readonly right?: Right;
  readonly show: ComponentType;
}

const TABS: readonly Tab[] = [
  { at: 'state', word: 'system.state', right: 'state', show: StateTab },
  { at: 'terminals', word: 'system.terminals', show: Terminals },
  { at: 'log', word: 'system.log', right: 'logs', show: LogTab },
  { at: 'users', word: 'system.users', right: 'users', show: Users },
  { at: 'tokens', word: 'system.tokens', right: 'users', show: Tokens },
  { at: 'rtsp', word: 'system.rtsp', right: 'live', show: RtspOutput },
  { at: 'sessions', word: 'system.sessions', show: Sessions },
  { at: 'notices', word: 'config.notices', right: 'settings', show: NoticesTab },
  { at: 'settings', word: 'system.settings', right: 'settings', show: Configuration },
  { at: 'me', word: 'system.me', show: MyAccount },
  { at: 'help', word: 'system.help', show: Help },
];

/** `/system/<tab>`: the machine, the log, people and settings. */
export function System(): JSX.Element {
  const tabs = TABS.filter(({ right }) => right === undefined || may(right));
  const at = parts.value[1] ?? tabs[0]!.at;
  const tab = tabs.find((each) => each.at === at);
  return (
    <>
      <Tabs
        label={t('nav.system')}
        tabs={tabs.map((each) => ({ href: `/system/${each.at}`, label: t(each.word) }))}
        current={`/system/${at}`}
      />
      {tab ? <tab.show key={at} /> : <NotFound back="/system">{t('nav.system')}</NotFound>}
    </>
  );
}
