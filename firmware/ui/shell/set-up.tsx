import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ask } from '../box/client.ts';
import { session, signIn } from '../box/session.ts';
import { Button, TextField } from '../parts/controls.tsx';
import { explain, FaultNote, type Fault } from '../parts/fault.tsx';
import { Icon } from '../parts/icon.tsx';
import { language, t } from '../words/index.ts';
import { LanguageSwitch } from './language-switch.tsx';
import { go } from './route.ts';

const STEPS = ['claim', 'person', 'site'] as const;
type Step = (typeof STEPS)[number];

/** The zones that browsers know; the one of this computer is the likeliest. */
const ZONES = Intl.supportedValuesOf('timeZone');
const OWN_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

interface Answers {
  readonly claimCode: string;
  readonly user: string;
  readonly password: string;
  readonly boxName: string;
  readonly timeZone: string;
}

/** One question at a time; going back loses nothing; the box hears of it all at once, at the end. */
export function SetUp(): JSX.Element {
  const [step, setStep] = useState<Step>('claim');
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Fault>();
  const [answers, setAnswers] = useState<Answers>({
    // A link from the terminal or the label may bring the code; it never reaches a server as part of an address.
    claimCode: decodeURIComponent(location.hash.slice(1)),
    user: '',
    password: '',
    boxName: '',
    timeZone: OWN_ZONE,
  });
  useEffect(() => {
    if (location.hash !== '') history.replaceState(null, '', location.pathname);
  }, []);
  const at = STEPS.indexOf(step);
  const set = (changes: Partial<Answers>): void => setAnswers((before) => ({ ...before, ...changes }));
  const finish = async (): Promise<void> => {
    setBusy(true);
    try {
      const boxName = answers.boxName.trim() || t('brand');
      const claimed = await ask('box.claim', { ...answers, boxName, language: language.value });
      await signIn({ name: claimed.user, password: answers.password });
      session.value = { ...session.value!, claimed: true };
      go('/', { replace: true });
    } catch (error) {
      const told = explain(error);
      setFault(told);
      if (told.code === 'accounts.bad-claim-code') setStep('claim');
      if (told.code === 'accounts.weak-password') setStep('person');
    } finally {
      setBusy(false);
    }
  };
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setFault(undefined);
    const next = STEPS[at + 1];
    if (next) setStep(next);
    else await finish();
  };
  return (
    <div class="wizard">
      <aside>
        <div class="brand">
          <Icon name="box" size="l" />
          <span>{t('setUp.title')}</span>
        </div>
        <ol class="steps">
          {STEPS.map((each, index) => (
            <li
              key={each}
              class={index < at ? 'done' : index === at ? 'now' : ''}
              aria-current={index === at ? 'step' : undefined}
            >
              <span class="at">{index < at ? <Icon name="check" size="s" /> : index + 1}</span>
              {t(`setUp.${each}.step`)}
              <small>{t(`setUp.${each}.why`)}</small>
            </li>
          ))}
        </ol>
        <p>{t('setUp.note')}</p>
      </aside>
      <main class="step">
        <div class="where">
          <span>{t('setUp.where', { at: at + 1, of: STEPS.length })}</span>
          <LanguageSwitch />
        </div>
        <h1>{t(`setUp.${step}`)}</h1>
        <p class="lead">{t(`setUp.${step}.lead`)}</p>
        <form key={step} onSubmit={(event) => void submit(event)}>
          {step === 'claim' && <ClaimQuestion answers={answers} set={set} />}
          {step === 'person' && <PersonQuestion answers={answers} set={set} />}
          {step === 'site' && <SiteQuestion answers={answers} set={set} />}
          <FaultNote fault={fault} />
          <Button type="submit" kind="primary" busy={busy}>
            {t(`setUp.${step}.go`)}
          </Button>
          {at > 0 && (
            <Button kind="quiet" icon="left" onPress={() => setStep(STEPS[at - 1]!)}>
              {t(`setUp.${STEPS[at - 1]!}.step`)}
            </Button>
          )}
        </form>
        {step === 'claim' && (
          <div class="other-way">
            <h2>{t('setUp.noCode')}</h2>
            <p>{t('setUp.noCode.how')}</p>
          </div>
        )}
      </main>
    </div>
  );
}

type Question = (props: { answers: Answers; set: (changes: Partial<Answers>) => void }) => JSX.Element;

const ClaimQuestion: Question = ({ answers, set }) => (
  <TextField
    label={t('setUp.code')}
    hint={t('setUp.code.hint')}
    value={answers.claimCode}
    onValue={(claimCode) => set({ claimCode })}
    autocomplete="off"
    code
    required
    autofocus
  />
);

const PersonQuestion: Question = ({ answers, set }) => (
  <>
    <TextField
      label={t('signIn.name')}
      value={answers.user}
      onValue={(user) => set({ user })}
      autocomplete="username"
      required
      autofocus
    />
    <TextField
      label={t('signIn.password')}
      hint={t('setUp.password.hint')}
      type="password"
      value={answers.password}
      onValue={(password) => set({ password })}
      autocomplete="new-password"
      required
    />
  </>
);

const SiteQuestion: Question = ({ answers, set }) => (
  <>
    <TextField
      label={t('setUp.boxName')}
      hint={t('setUp.boxName.hint')}
      value={answers.boxName}
      onValue={(boxName) => set({ boxName })}
      autocomplete="off"
      autofocus
    />
    <TextField
      label={t('setUp.timeZone')}
      hint={t('setUp.timeZone.hint')}
      value={answers.timeZone}
      onValue={(timeZone) => set({ timeZone })}
      list="zones"
      required
    />
    <datalist id="zones">
      {ZONES.map((zone) => (
        <option key={zone} value={zone} />
      ))}
    </datalist>
  </>
);
