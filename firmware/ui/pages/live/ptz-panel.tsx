import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask } from '../../box/client.ts';
import { Button, TextField } from '../../parts/controls.tsx';
import { Confirm } from '../../parts/dialog.tsx';
import { Icon, type IconName } from '../../parts/icon.tsx';
import { t } from '../../words/index.ts';
import { Who } from './ptz-who.tsx';
import type { Steering, Vector } from './steering.ts';

/** For thumbs and for those without a wheel: a pad, lens, speed and presets of the camera that is steered. */
export function PtzPanel(props: {
  steering: Steering;
  name: string;
  speed: number;
  setSpeed: (speed: number) => void;
  close: () => void;
}): JSX.Element {
  const { steering, name, speed, setSpeed, close } = props;
  const can = steering.state.value;
  const lens = (focus: number) => () => steering.focus(focus);
  const hold = (label: string, icon: IconName, wish: Vector): JSX.Element => {
    const at = (axis: keyof Vector): Vector => (wish[axis] === undefined ? {} : { [axis]: wish[axis] * speed });
    const full = { ...at('pan'), ...at('tilt'), ...at('zoom') };
    return (
      <Hold label={label} begin={() => steering.move(full)} end={() => steering.move(undefined)}>
        <Icon name={icon} />
      </Hold>
    );
  };
  return (
    <section class="ptz-panel" aria-label={t('ptz.of', { name })}>
      <header>
        <strong>
          <bdi>{name}</bdi>
        </strong>
        <Who steering={steering} says />
        <Button kind="quiet" icon="close" label={t('ptz.off')} onPress={close} />
      </header>
      {can?.continuous.panTilt !== false && (
        <div class="ptz-pad" role="group" aria-label={t('ptz.pad')}>
          {hold(t('ptz.up'), 'up', { tilt: 1 })}
          {hold(t('ptz.left'), 'left', { pan: -1 })}
          {hold(t('ptz.right'), 'right', { pan: 1 })}
          {hold(t('ptz.down'), 'down', { tilt: -1 })}
        </div>
      )}
      <div class="ptz-lens">
        <Row words={t('ptz.zoom')}>
          {hold(t('ptz.wide'), 'minus', { zoom: -1 })}
          {hold(t('ptz.tele'), 'plus', { zoom: 1 })}
        </Row>
        {can?.focus === true && (
          <Row words={t('ptz.focus')}>
            <Hold label={t('ptz.near')} begin={lens(-1)} end={lens(0)}>
              <Icon name="minus" />
            </Hold>
            <Hold label={t('ptz.far')} begin={lens(1)} end={lens(0)}>
              <Icon name="plus" />
            </Hold>
          </Row>
        )}
        {can?.iris === true && (
          <Slider
            key={steering.iris.value}
            words={t('ptz.iris')}
            begin={steering.iris.value}
            set={(iris) => steering.setIris(iris)}
          />
        )}
        <Slider words={t('ptz.speed')} begin={speed} set={setSpeed} least={0.1} />
      </div>
      <Presets steering={steering} home={can?.home === true} />
    </section>
  );
}

function Row({ words, children }: { words: string; children: ComponentChildren }): JSX.Element {
  return (
    <div class="ptz-row" role="group" aria-label={words}>
      <span aria-hidden="true">{words}</span>
      {children}
    </div>
  );
}

function Slider(props: { words: string; begin: number; set: (value: number) => void; least?: number }): JSX.Element {
  const { words, begin, set, least = 0 } = props;
  const [value, setValue] = useState(begin);
  return (
    <label class="ptz-row">
      <span>{words}</span>
      <input
        type="range"
        min={least}
        max={1}
        step={0.1}
        value={value}
        onInput={(event) => setValue(Number(event.currentTarget.value))}
        onChange={(event) => set(Number(event.currentTarget.value))}
      />
    </label>
  );
}

/** Acts while it is held, by pointer or by key, and ends whatever way it is let go of. */
function Hold(props: { label: string; begin: () => void; end: () => void; children: ComponentChildren }): JSX.Element {
  const { label, begin, end, children } = props;
  const held = useRef(false);
  const press = (): void => {
    held.current = true;
    begin();
  };
  const letGo = (): void => {
    if (held.current) end();
    held.current = false;
  };
  useEffect(() => letGo, []);
  return (
    <button
      type="button"
      class="button ptz-hold"
      aria-label={label}
      title={label}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        press();
      }}
      onPointerUp={letGo}
      onPointerCancel={letGo}
      onLostPointerCapture={letGo}
      onKeyDown={(event) => {
        if ((event.key === 'Enter' || event.key === ' ') && !event.repeat) press();
      }}
      onKeyUp={letGo}
      onBlur={letGo}
      onContextMenu={(event) => event.preventDefault()}
    >
      {children}
    </button>
  );
}

/** What a preset looks like; nothing where nobody has shown it yet. Painted, since a page loads nothing but files of the box. */
function Look({ jpeg }: { jpeg: string | undefined }): JSX.Element | null {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (jpeg === undefined) return;
    const bytes = Uint8Array.from(atob(jpeg), (each) => each.charCodeAt(0));
    const paint = async (): Promise<void> => {
      const picture = await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));
      const to = canvas.current;
      if (to) {
        to.width = picture.width;
        to.height = picture.height;
        to.getContext('2d')!.drawImage(picture, 0, 0);
      }
      picture.close();
    };
    paint().catch((error: unknown) => console.debug('picture of a preset', error));
  }, [jpeg]);
  return jpeg === undefined ? null : <canvas ref={canvas} class="ptz-look" aria-hidden="true" />;
}

/** Positions with names: go there, keep where it looks now, remove. */
function Presets({ steering, home }: { steering: Steering; home: boolean }): JSX.Element {
  const [name, setName] = useState('');
  const [chosen, setAsks] = useState<{ what: 'over' | 'remove'; preset: string; name: string }>();
  // Asked for by its key.
  const kept = steering.keeps.value;
  const asks = chosen ?? (kept && { what: 'over' as const, ...kept });
  const [edits, setEdits] = useState(false);
  const presets = steering.presets.value;
  const keep = async (): Promise<void> => {
    const called = name.trim();
    const there = presets.find((each) => each.name === called);
    if (there) setAsks({ what: 'over', ...there });
    else {
      await steering.keep(called);
      setName('');
    }
  };
  return (
    <div class="ptz-presets">
      <div class="chips" role="group" aria-label={t('ptz.presets')}>
        {home && (
          <Button icon="home" onPress={() => steering.goTo()}>
            {t('ptz.home')}
          </Button>
        )}
        {presets.map((each) => (
          <span key={each.preset} class="ptz-preset">
            <Button onPress={() => steering.goTo(each.preset)}>
              <Look jpeg={steering.pictures.value.get(each.preset)} />
              {each.name || each.preset}
            </Button>
            {edits && (
              <Button
                kind="quiet"
                icon="close"
                label={t('ptz.remove', { name: each.name })}
                onPress={() => setAsks({ what: 'remove', ...each })}
              />
            )}
          </span>
        ))}
        <Button kind="quiet" pressed={edits} onPress={() => setEdits(!edits)}>
          {t('ptz.edit')}
        </Button>
      </div>
      {edits && (
        <form
          class="row"
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim() !== '') void keep();
          }}
        >
          <TextField label={t('ptz.name')} value={name} onValue={setName} autocomplete="off" />
          <Button type="submit" disabled={name.trim() === ''}>
            {t('ptz.keep')}
          </Button>
          {home && (
            <Button kind="quiet" onPress={() => steering.do(() => ask('ptz.home.set', { camera: steering.camera }))}>
              {t('ptz.setHome')}
            </Button>
          )}
        </form>
      )}
      {asks && (
        <Confirm
          title={t(asks.what === 'over' ? 'ptz.replace' : 'ptz.remove', { name: asks.name })}
          verb={t(asks.what === 'over' ? 'ptz.keep' : 'ptz.removeIt')}
          danger={asks.what === 'remove'}
          act={async () => {
            if (asks.what === 'remove') await steering.removePreset(asks.preset);
            else await steering.keep(asks.name, asks.preset);
          }}
          onClose={() => {
            setAsks(undefined);
            steering.keeps.value = undefined;
          }}
        >
          <p>{t(asks.what === 'over' ? 'ptz.replaceMeans' : 'ptz.removeMeans')}</p>
        </Confirm>
      )}
    </div>
  );
}
