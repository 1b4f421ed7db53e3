import { useSignalEffect } from '@preact/signals';
import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { boxNow } from '../box/client.ts';
import { box, cameras, problems, silentSince, volumes } from '../box/live.ts';
import { may, me, session, signOut } from '../box/session.ts';
import { useAsked } from '../parts/asked.ts';
import { Button } from '../parts/controls.tsx';
import { explain, FaultNote, type Fault } from '../parts/fault.tsx';
import { Icon } from '../parts/icon.tsx';
import { NotFound } from '../parts/show.tsx';
import { clock, day, days, length } from '../words/format.ts';
import { t } from '../words/index.ts';
import { recordingCounts } from '../words/camera-words.ts';
import { keysShown } from './key-state.ts';
import { KeysDialog } from './keys.tsx';
import { LookChoices } from './look-choices.tsx';
import { allowed, PAGES, pagesOfMine, type Page } from './pages.ts';
import { parts } from './route.ts';

const PLAN_EVERY_MS = 300_000;

export function Shell(): JSX.Element {
  useTitle();
  return (
    <div class="shell">
      <a class="skip" href="#main">
        {t('skip')}
      </a>
      <Top />
      <Rail />
      <main id="main" tabIndex={-1}>
        <Lost />
        <Current />
      </main>
      <KeysDialog />
    </div>
  );
}

/** A screen on a wall: one view and nothing around it. */
export function Screen(): JSX.Element {
  useTitle();
  return (
    <div class="shell screen">
      <main id="main" tabIndex={-1}>
        <h1 class="hidden-text">{t('nav.live')}</h1>
        {session.value?.signedIn === true ? <Lost /> : <p class="lost-note">{t('screen.ended')}</p>}
        <Loaded page={PAGES.find(({ at }) => at === 'live')!} />
      </main>
    </div>
  );
}

function useTitle(): void {
  useSignalEffect(() => {
    const name = box.value?.name ?? '';
    const page = PAGES.find(({ at }) => at === (parts.value[0] ?? ''));
    document.title = [page && t(page.word), name].filter(Boolean).join(' · ') || 'IPVS';
  });
}

function Top(): JSX.Element {
  return (
    <header class="top">
      <a class="mark" href="/" aria-label={t('nav.home')}>
        <Icon name="box" />
      </a>
      <bdi class="name">{box.value?.name ?? ''}</bdi>
      <Glance />
      <MyMenu />
    </header>
  );
}

/** The state of the box as one sentence in parts; each leads to its page, and has colour only when a person should look. */
function Glance(): JSX.Element {
  const { recording, planned } = recordingCounts(cameras.value, box.value);
  const ill = volumes.value.filter(({ state }) => !['ready', 'opening'].includes(state)).length;
  const diskProblems = new Set(
    problems.value.map(({ subject }) => subject).filter((each) => /^(?:disk|volume)\//.test(each)),
  );
  const disks = Math.max(ill, diskProblems.size);
  const urgent = problems.value.filter(({ severity }) => severity === 'error').length;
  const others = problems.value.filter(({ severity }) => severity === 'warning').length;
  return (
    <div class="glance" role="group" aria-label={t('glance')}>
      {box.value && (
        <>
          <GlancePart
            href="/cameras"
            word={t('glance.recording')}
            value={`${recording} / ${planned}`}
            tone={recording < planned ? 'bad' : ''}
          />
          {may('disks') && <KeptDays />}
          <GlancePart
            href="/storage"
            word={t('glance.disks')}
            value={disks > 0 ? t('glance.disksIll', { n: disks }) : t('glance.disksFine', { n: volumes.value.length })}
            tone={ill > 0 ? 'bad' : disks > 0 ? 'warn' : ''}
          />
          {urgent + others > 0 && (
            <GlancePart
              href="/problems"
              word={t('nav.problems')}
              value={String(urgent + others)}
              tone={urgent > 0 ? 'bad' : 'warn'}
            />
          )}
          <BoxClock />
        </>
      )}
    </div>
  );
}

function GlancePart({
  href,
  word,
  value,
  tone = '',
}: {
  href: string;
  word: string;
  value: string;
  tone?: string;
}): JSX.Element {
  return (
    <a href={href} class={`part ${tone}`}>
      {tone !== '' && <i class="dot" />}
      <span class="words">{word}</span>
      <b>{value}</b>
    </a>
  );
}

function KeptDays(): JSX.Element | null {
  const { value } = useAsked('plan.show', {}, { everyMs: PLAN_EVERY_MS });
  if (!value || value.cameras.length === 0) return null;
  const least = Math.min(...value.cameras.map(({ keptNowDays }) => keptNowDays));
  return (
    <a href="/storage" class="part part-days">
      <span class="words">{t('glance.kept')}</span>
      <b>{days(least)}</b>
    </a>
  );
}

function BoxClock(): JSX.Element {
  const [now, setNow] = useState(boxNow());
  useEffect(() => {
    const timer = setInterval(() => setNow(boxNow()), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={new Date(now).toISOString()} title={box.value?.timeZone}>
      {day(now)} {clock(now)}
    </time>
  );
}

/** One sign of a Chinese name, two of others. */
function initialsOf(name: string): string {
  const signs = Array.from(new Intl.Segmenter().segment(name), ({ segment }) => segment);
  return signs
    .slice(0, /^\p{Script=Han}/u.test(name) ? 1 : 2)
    .join('')
    .toUpperCase();
}

function MyMenu(): JSX.Element {
  const name = me.value?.name ?? '';
  return (
    <details class="me">
      <summary aria-label={t('me.menu', { name })}>{initialsOf(name)}</summary>
      <div class="menu">
        <p class="who">
          <bdi>{name}</bdi>
        </p>
        <LookChoices />
        <a class="item" href="/system/me">
          {t('system.me')}
        </a>
        <Button kind="quiet" onPress={() => (keysShown.value = true)}>
          {t('keys.title')}
        </Button>
        <Button onPress={signOut}>{t('signOut')}</Button>
      </div>
    </details>
  );
}

function Rail(): JSX.Element {
  const current = parts.value[0] ?? '';
  const pages = pagesOfMine().filter(({ inRail }) => inRail !== false);
  const urgent = problems.value.filter(({ severity }) => severity !== 'notice');
  const error = urgent.some(({ severity }) => severity === 'error');
  const behind = pages.filter(({ phone }) => phone === 'more');
  return (
    <nav class="rail" aria-label={t('nav')}>
      {pages.map(({ at, icon, word, phone }) => (
        <a
          key={at}
          href={`/${at}`}
          class={phone === 'more' ? 'desk' : ''}
          aria-current={at === current ? 'page' : undefined}
        >
          <Icon name={icon} />
          {t(word)}
          {at === 'problems' && urgent.length > 0 && (
            <span class={`count ${error ? '' : 'warn'}`}>{urgent.length}</span>
          )}
        </a>
      ))}
      <a
        href="/more"
        class="phone"
        aria-current={current === 'more' || behind.some(({ at }) => at === current) ? 'page' : undefined}
      >
        <Icon name="more" />
        {t('nav.more')}
        {urgent.length > 0 && <span class={`count ${error ? '' : 'warn'}`}>{urgent.length}</span>}
      </a>
    </nav>
  );
}

function Lost(): JSX.Element | null {
  const from = silentSince.value;
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (from === undefined) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [from]);
  if (from === undefined || now - from < 1500) return null;
  return (
    <p class="lost-note" role="alert">
      <Icon name="warning" />
      {t('lost', { length: length((now - from) / 1000) })}
    </p>
  );
}

/** The page of the path. Loaded ones open at once. */
function Current(): JSX.Element {
  const at = parts.value[0] ?? '';
  const page = PAGES.find((each) => each.at === at && allowed(each));
  if (at === 'more') return <More />;
  if (!page) return <NotFound back="/">{t('nav.home')}</NotFound>;
  return <Loaded key={at} page={page} />;
}

const loaded = new Map<string, ComponentType>();

function Loaded({ page }: { page: Page }): JSX.Element {
  const [, setCount] = useState(0);
  const [fault, setFault] = useState<Fault>();
  const Found = loaded.get(page.at);
  useEffect(() => {
    if (Found) return;
    page.load().then(
      (found) => {
        loaded.set(page.at, found);
        setCount((count) => count + 1);
      },
      // After an update of the box its old files are gone.
      (error: unknown) => setFault(explain(error)),
    );
  }, [page]);
  if (fault) return <FaultNote fault={fault} act={<Button onPress={() => location.reload()}>{t('reload')}</Button>} />;
  return <div class="page">{Found ? <Found /> : <div class="skeleton" aria-busy="true" />}</div>;
}

function More(): JSX.Element {
  return (
    <div class="page">
      <h1>{t('nav.more')}</h1>
      <ul class="more-list">
        {pagesOfMine()
          .filter(({ phone }) => phone === 'more')
          .map(({ at, icon, word }) => (
            <li key={at}>
              <a href={`/${at}`}>
                <Icon name={icon} />
                {t(word)}
              </a>
            </li>
          ))}
      </ul>
    </div>
  );
}
