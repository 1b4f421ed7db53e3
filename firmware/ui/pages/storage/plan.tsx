import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask, type Output } from '../../box/client.ts';
import { may } from '../../box/session.ts';
import { useAsked } from '../../parts/asked.ts';
import { Button, TextField } from '../../parts/controls.tsx';
import { Confirm } from '../../parts/dialog.tsx';
import { Awaited, Card, Empty, Table, type Column } from '../../parts/show.tsx';
import { tell } from '../../parts/toasts.tsx';
import { changeWords } from '../../words/disk-words.ts';
import { bits, bytes, day, days, number } from '../../words/format.ts';
import { t, tOf } from '../../words/index.ts';

type Plan = Output<'plan.show'>;
type CameraPlan = Plan['cameras'][number];
type Proposal = Output<'plan.propose'>['recommended'][number];

const SECONDS_A_DAY = 86_400;

/** What each camera needs and how long it is kept, against what was promised. */
export function CameraDays({ plan }: { plan: Plan }): JSX.Element {
  const scale =
    Math.max(...plan.cameras.map(({ days: kept, wishDays = 0 }) => Math.max(Math.min(kept, 400), wishDays))) * 1.05;
  const columns: readonly Column<CameraPlan>[] = [
    { key: 'name', head: t('cameras.name'), cell: ({ name }) => <bdi>{name}</bdi> },
    {
      key: 'rate',
      head: t('plan.rate'),
      cell: ({ bytesPerDay, measured }) => (
        <>
          {bits((bytesPerDay * 8) / SECONDS_A_DAY)}
          {!measured && <span class="sub">{t('plan.guess')}</span>}
        </>
      ),
      number: true,
    },
    {
      key: 'perDay',
      head: t('cameras.perDay'),
      cell: ({ bytesPerDay }) => bytes(bytesPerDay),
      number: true,
      wide: true,
    },
    {
      key: 'wish',
      head: t('plan.wish'),
      cell: ({ wishDays }) => (wishDays === undefined ? '–' : days(wishDays)),
      number: true,
    },
    { key: 'bar', head: '', cell: (camera) => <WishBar camera={camera} scale={scale} />, wide: true },
    {
      key: 'days',
      head: t('plan.kept'),
      cell: (camera) => (
        <span class={isShort(camera) ? 'bad' : ''}>
          {days(camera.days)}
          <span class="sub">
            {camera.breaksAt === undefined
              ? tOf('bound', camera.boundBy)
              : t('plan.breaks', { day: day(camera.breaksAt) })}
          </span>
        </span>
      ),
      number: true,
    },
  ];
  return (
    <Card title={t('plan.title')} aside={t('plan.explain')} flush>
      <Table label={t('plan.title')} columns={columns} rows={plan.cameras} keyOf={({ camera }) => camera} />
    </Card>
  );
}

function isShort({ wishDays, lowDays }: CameraPlan): boolean {
  return wishDays !== undefined && lowDays < wishDays;
}

function WishBar({ camera, scale }: { camera: CameraPlan; scale: number }): JSX.Element {
  const { days: kept, wishDays } = camera;
  return (
    <div class={`wish ${isShort(camera) ? 'short' : ''}`} aria-hidden="true">
      <i style={{ width: `${Math.min(100, (100 * kept) / scale)}%` }} />
      {wishDays !== undefined && <b style={{ left: `${Math.min(99, (100 * wishDays) / scale)}%` }} />}
    </div>
  );
}

/** What to change so that everything is kept as long as wished; each with its effect, put in force with one press. */
export function Proposals({ plan, again }: { plan: Plan; again: () => Promise<void> }): JSX.Element {
  const [wish, setWish] = useState('');
  const [wished, setWished] = useState<number>();
  const wishes = wished === undefined ? [] : plan.cameras.map(({ camera }) => ({ camera, days: wished }));
  const asked = useAsked('plan.propose', { wishes });
  const [chosen, setChosen] = useState<readonly Proposal[]>();
  const nameOf = (camera: string): string => plan.cameras.find((each) => each.camera === camera)?.name ?? camera;
  const typed = Number(wish);
  const applicable = asked.value?.recommended.filter((each) => each.applicable) ?? [];
  return (
    <Card title={t('plan.longer')} flush>
      <form
        class="wish-form"
        onSubmit={(event) => {
          event.preventDefault();
          setWished(Number.isInteger(typed) && typed > 0 ? typed : undefined);
        }}
      >
        <TextField label={t('plan.wishAll')} type="number" value={wish} onValue={setWish} />
        <Button type="submit">{t('plan.compute')}</Button>
      </form>
      <Awaited asked={asked}>
        {(answer) => (
          <>
            {answer.fits && (
              <Empty>{wished === undefined ? t('plan.fits') : t('plan.fitsWish', { days: days(wished) })}</Empty>
            )}
            {[...answer.recommended, ...answer.alternatives].map((each) => (
              <Offer key={each.id} proposal={each} nameOf={nameOf} choose={() => setChosen([each])} />
            ))}
            {(applicable.length > 1 || (wished !== undefined && answer.fits)) && may('settings') && (
              <div class="proposal">
                <p>
                  {t('plan.all')}
                  <span class="sub">{answer.fitsWhenApplied ? t('plan.allEnough') : t('plan.allNotEnough')}</span>
                </p>
                <Button kind="primary" onPress={() => setChosen(applicable)}>
                  {t('plan.applyAll')}
                </Button>
              </div>
            )}
          </>
        )}
      </Awaited>
      {chosen && (
        <Confirm
          title={t('plan.applyThis', { n: chosen.length })}
          verb={t('apply')}
          act={async () => {
            await ask('plan.apply', { proposals: chosen.map(({ id }) => id), wishes });
            tell(t('plan.applied'));
            await Promise.all([again(), asked.again()]);
          }}
          onClose={() => setChosen(undefined)}
        >
          {chosen.map((each) => (
            <p key={each.id}>{changeWords(each.change, nameOf)}</p>
          ))}
          {wished !== undefined && <p>{t('plan.wishKept', { days: days(wished) })}</p>}
          <p>{t('plan.reversible')}</p>
        </Confirm>
      )}
    </Card>
  );
}

function Offer({
  proposal,
  nameOf,
  choose,
}: {
  proposal: Proposal;
  nameOf: (camera: string) => string;
  choose: () => void;
}): JSX.Element {
  const { change, applicable, effects } = proposal;
  const gains = effects.filter(({ beforeDays, afterDays }) => Math.floor(afterDays) > Math.floor(beforeDays));
  const [most] = gains.toSorted((one, other) => other.afterDays - other.beforeDays - (one.afterDays - one.beforeDays));
  return (
    <div class="proposal">
      <p>
        {changeWords(change, nameOf)}
        {most && (
          <span class="effect sub">
            <bdi>{nameOf(most.camera)}</bdi> {number(Math.floor(most.beforeDays))} → <b>{days(most.afterDays)}</b>
            {gains.length > 1 && `${t('comma')}${t('plan.others', { n: gains.length - 1 })}`}
          </span>
        )}
      </p>
      {applicable ? (
        may('settings') && <Button onPress={choose}>{t('apply')}</Button>
      ) : (
        <span class="sub">{t('plan.byHand')}</span>
      )}
    </div>
  );
}
