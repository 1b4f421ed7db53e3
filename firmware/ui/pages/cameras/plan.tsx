import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { ask, type Output } from '../../box/client.ts';
import { useAsked } from '../../parts/asked.ts';
import { SelectField, TextField } from '../../parts/controls.tsx';
import { ActForm, useFields } from '../../parts/form.tsx';
import { ScheduleGrid } from '../../parts/schedule-grid.tsx';
import { Awaited, NotFound, PageHead } from '../../parts/show.tsx';
import { tell } from '../../parts/toasts.tsx';
import { hoursOf, isExact, periodsOf, weekOf, type Period } from '../../parts/week.ts';
import { number } from '../../words/format.ts';
import { t } from '../../words/index.ts';

const MODES = ['continuous', 'schedule', 'event', 'manual'] as const;
const WORKING_DAYS: readonly Period[] = [1, 2, 3, 4, 5].map((day) => ({ day, from: '08:00', to: '18:00' }));

/** Of the settings of a camera, what says when it is recorded and for how long it is kept. */
interface Plan {
  readonly id: string;
  readonly name: string;
  readonly mode: string;
  readonly schedule: readonly Period[];
  readonly preRecordS: number;
  readonly postRecordS: number;
  readonly retention: { readonly days?: number; readonly eventDays?: number };
  readonly wishDays?: number;
}

function planIn(settings: Output<'config.get'>, id: string): Plan | undefined {
  return (settings['cameras'] as readonly Plan[] | undefined)?.find((each) => each.id === id);
}

/** `/cameras/<id>/plan`: when a camera is recorded, and for how long. */
export function CameraPlan({ id }: { id: string }): JSX.Element {
  const asked = useAsked('config.get', {});
  return (
    <Awaited asked={asked}>
      {(settings) => {
        const plan = planIn(settings, id);
        if (!plan) return <NotFound back="/cameras">{t('nav.cameras')}</NotFound>;
        return (
          <>
            <PageHead title={<PlanTitle plan={plan} />} explain={t('camPlan.explain')}>
              <a class="button" href={`/cameras/${id}`}>
                {t('camPlan.toCamera')}
              </a>
            </PageHead>
            <When plan={plan} again={asked.again} />
            <HowLong plan={plan} again={asked.again} />
          </>
        );
      }}
    </Awaited>
  );
}

function PlanTitle({ plan: { name, mode, schedule } }: { plan: Plan }): JSX.Element {
  const hours = number(hoursOf(weekOf(schedule)));
  return (
    <>
      <bdi>{name}</bdi>
      {t('colon')}
      {mode === 'schedule' ? t('camPlan.titleSchedule', { hours }) : t(`mode.${mode as (typeof MODES)[number]}`)}
    </>
  );
}

interface PartProps {
  readonly plan: Plan;
  readonly again: () => Promise<void>;
}

/** Saves, and offers to take it back. */
async function save({ plan, again }: PartProps, patch: object, before: object): Promise<void> {
  const set = async (values: object): Promise<void> => {
    await ask('config.set', { patch: { cameras: { [plan.id]: values } } });
    await again();
  };
  await set(patch);
  tell(t('saved'), 'ok', { label: t('undo'), run: () => void set(before).catch(() => tell(t('undo.failed'), 'bad')) });
}

function When(props: PartProps): JSX.Element {
  const { plan } = props;
  const { mode, schedule, preRecordS, postRecordS } = plan;
  const { values, field } = useFields({ mode, pre: String(preRecordS), post: String(postRecordS) });
  const [week, setWeek] = useState(() => weekOf(schedule.length > 0 ? schedule : WORKING_DAYS));
  const [painted, setPainted] = useState(false);
  const scheduled = values.mode === 'schedule';
  const act = async (): Promise<void> => {
    // What was not painted stays to the minute as it was.
    const rows = painted || schedule.length === 0 ? periodsOf(week) : schedule;
    const patch = { mode: values.mode, preRecordS: Number(values.pre), postRecordS: Number(values.post) };
    const before = { mode, schedule, preRecordS, postRecordS };
    await save(props, scheduled ? { ...patch, schedule: rows } : patch, before);
  };
  return (
    <ActForm title={t('camPlan.when')} verb={t('apply')} act={act} disabled={scheduled && hoursOf(week) === 0}>
      <div class="form two">
        <SelectField
          label={t('cameras.mode')}
          options={MODES.map((value) => ({ value, label: t(`mode.${value}`) }))}
          {...field('mode')}
        />
      </div>
      {scheduled && (
        <ScheduleGrid
          week={week}
          onWeek={(next) => {
            setWeek(next);
            setPainted(true);
          }}
        />
      )}
      {scheduled && !painted && !isExact(schedule) && <p class="hint">{t('camPlan.notExact')}</p>}
      {values.mode !== 'continuous' && (
        <div class="form two">
          <TextField label={t('camPlan.pre')} hint={t('camPlan.pre.hint')} type="number" {...field('pre')} />
          <TextField label={t('camPlan.post')} hint={t('camPlan.post.hint')} type="number" {...field('post')} />
        </div>
      )}
    </ActForm>
  );
}

function HowLong(props: PartProps): JSX.Element {
  const { retention, wishDays } = props.plan;
  const text = (value: number | undefined): string => (value === undefined ? '' : String(value));
  const { values, field } = useFields({
    wish: text(wishDays),
    days: text(retention.days),
    eventDays: text(retention.eventDays),
  });
  const act = async (): Promise<void> => {
    // Null takes a setting away (RFC 7396).
    const value = (typed: string): number | null => (typed.trim() === '' ? null : Number(typed));
    const patch = {
      wishDays: value(values.wish),
      retention: { days: value(values.days), eventDays: value(values.eventDays) },
    };
    const { days = null, eventDays = null } = retention;
    await save(props, patch, { wishDays: wishDays ?? null, retention: { days, eventDays } });
  };
  return (
    <ActForm title={t('camPlan.howLong')} verb={t('apply')} act={act}>
      <div class="form two">
        <TextField label={t('camPlan.wish')} hint={t('camPlan.wish.hint')} type="number" {...field('wish')} />
        <TextField label={t('camPlan.days')} hint={t('camPlan.days.hint')} type="number" {...field('days')} />
        <TextField
          label={t('camPlan.eventDays')}
          hint={t('camPlan.eventDays.hint')}
          type="number"
          {...field('eventDays')}
        />
      </div>
    </ActForm>
  );
}
