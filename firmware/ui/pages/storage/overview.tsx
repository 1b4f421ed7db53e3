import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask, type Output } from '../../box/client.ts';
import { known, problems, volumes } from '../../box/live.ts';
import { may } from '../../box/session.ts';
import { useAsked } from '../../parts/asked.ts';
import { ActButton, Button } from '../../parts/controls.tsx';
import { ProblemBanners } from '../../parts/problem-banner.tsx';
import { Awaited, Card, Empty, PageHead } from '../../parts/show.tsx';
import { tell } from '../../parts/toasts.tsx';
import { bytes, days } from '../../words/format.ts';
import { t } from '../../words/index.ts';
import { byWeight } from '../../words/problem-words.ts';
import { AdoptDialog, OtherDisks } from './other-disks.tsx';
import { DiskCard } from './disk-card.tsx';
import { DiskJobs } from './jobs.tsx';
import { CameraDays, Proposals } from './plan.tsx';

type Plan = Output<'plan.show'>;
const EVERY_MS = 30_000;
const PLAN_EVERY_MS = 120_000;

/** How long is footage kept? Are the disks well? What would help? */
export function StoragePage(): JSX.Element {
  const mayDisks = may('disks') ? {} : undefined;
  const plan = useAsked('plan.show', mayDisks, { everyMs: PLAN_EVERY_MS });
  const list = useAsked('disks.list', mayDisks, { everyMs: EVERY_MS });
  const health = useAsked('disks.health', mayDisks && { historyDays: 0 }, { everyMs: EVERY_MS });
  const space = useAsked('space.show', mayDisks, { everyMs: EVERY_MS });
  const [adopts, setAdopts] = useState(false);
  if (!known.value) return <div class="skeleton" aria-busy="true" />;
  const own = problems.value
    .filter(({ subject }) => /^(?:volume|disk|camera-group)\//.test(subject))
    .toSorted(byWeight);
  const pooled =
    list.value?.volumes ?? volumes.value.map(({ id, folder }) => ({ id, folder, name: '', readOnly: false }));
  return (
    <>
      <PageHead title={plan.value ? verdict(plan.value) : t('storage.title')} explain={explain(plan.value)}>
        {may('disks') && (
          <Button icon="plus" onPress={() => setAdopts(true)}>
            {t('storage.adopt')}
          </Button>
        )}
      </PageHead>
      <ProblemBanners problems={own} />
      <Asking groups={space.value?.groups ?? []} again={space.again} />
      {pooled.length === 0 && (
        <Card>
          <Empty>{t('storage.none')}</Empty>
        </Card>
      )}
      <div class="cards">
        {pooled.map((volume) => (
          <DiskCard
            key={volume.id}
            volume={volume}
            status={volumes.value.find(({ id }) => id === volume.id)}
            disk={list.value?.disks.find((disk) => disk.volumes.includes(volume.id))}
            health={health.value?.disks.find((disk) => disk.volumes.includes(volume.id))}
            space={space.value?.volumes.find(({ id }) => id === volume.id)}
            fillsAt={plan.value?.volumes.find(({ id }) => id === volume.id)?.fillsAt}
            again={list.again}
          />
        ))}
      </div>
      <DiskJobs />
      {mayDisks && (
        <Awaited asked={plan}>
          {(value) =>
            value.cameras.length > 0 && (
              <div class="split five-three">
                <CameraDays plan={value} />
                <Proposals plan={value} again={plan.again} />
              </div>
            )
          }
        </Awaited>
      )}
      {list.value && <OtherDisks list={list.value} again={list.again} />}
      {adopts && <AdoptDialog again={list.again} onClose={() => setAdopts(false)} />}
    </>
  );
}

function verdict({ cameras }: Plan): string {
  if (cameras.length === 0) return t('storage.title');
  const short = cameras.filter(({ wishDays, lowDays }) => wishDays !== undefined && lowDays < wishDays);
  if (short.length > 0) {
    const lack = ({ wishDays = 0, lowDays }: Plan['cameras'][number]): number => wishDays - lowDays;
    const [worst] = short.toSorted((one, other) => lack(other) - lack(one));
    return t('storage.short', { n: short.length, name: worst!.name, days: days(Math.ceil(lack(worst!))) });
  }
  const wishes = cameras.flatMap(({ wishDays }) => wishDays ?? []);
  const least = Math.min(...cameras.map(({ days: kept }) => kept));
  if (wishes.length > 0) return t('storage.promised', { days: days(least), wish: days(Math.max(...wishes)) });
  return t('storage.kept', { days: days(least) });
}

function explain(plan: Plan | undefined): string | undefined {
  if (!plan) return undefined;
  const room = plan.volumes.reduce((sum, { roomBytes }) => sum + roomBytes, 0);
  const measured = plan.cameras.every((camera) => camera.measured);
  return `${t('storage.room', { n: plan.volumes.length, bytes: bytes(room) })} ${measured ? t('storage.measured') : t('storage.guessed')}`;
}

/** Groups whose disks are full and whose owner wants to be asked before anything is overwritten. */
function Asking({
  groups,
  again,
}: {
  groups: Output<'space.show'>['groups'];
  again: () => Promise<void>;
}): JSX.Element {
  const answer = async (group: string, decision: 'overwrite-once' | 'keep-stopped'): Promise<void> => {
    await ask('space.answer', { group, decision });
    tell(t('saved'));
    await again();
  };
  return (
    <>
      {groups
        .filter(({ asks, decision }) => asks && decision === undefined)
        .map(({ group, name, cameras }) => (
          <article key={group} class="banner error">
            <span />
            <p>
              <strong>{t('space.asks', { name: name === '' ? group : name, n: cameras.length })}</strong>{' '}
              {t('space.asksMeans')}
            </p>
            <div class="actions">
              <ActButton act={() => answer(group, 'keep-stopped')}>{t('space.keepStopped')}</ActButton>
              <ActButton kind="primary" act={() => answer(group, 'overwrite-once')}>
                {t('space.overwrite')}
              </ActButton>
            </div>
          </article>
        ))}
    </>
  );
}
