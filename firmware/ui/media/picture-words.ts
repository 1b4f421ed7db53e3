import type { CameraStatus } from '../box/live.ts';
import { boxNow } from '../box/client.ts';
import { may } from '../box/session.ts';
import { clock, length } from '../words/format.ts';
import { faultWords, t } from '../words/index.ts';
import { isOff } from '../words/camera-words.ts';
import type { PictureState } from './picture.ts';

export interface Said {
  readonly tone: 'plain' | 'bad';
  readonly what: string;
  readonly more?: string | undefined;
  /** The page of the window that says what to do. */
  readonly help?: string | undefined;
}

/** Why there is no picture, and what happens next; undefined while there is one, or for the moment in which one comes. */
export function sayState(state: PictureState, status: CameraStatus | undefined, waitedMs: number): Said | undefined {
  switch (state.kind) {
    case 'gap':
      return {
        tone: 'plain',
        what: t('media.gap', { from: clock(state.fromUs / 1000), to: clock(state.toUs / 1000) }),
      };
    case 'fault':
      return state.codec === undefined
        ? { tone: 'bad', ...faultSaid(state.code) }
        : { tone: 'plain', ...unconvertedSaid(state.code, state.codec) };
    case 'unplayable':
      return { tone: 'plain', what: t('media.unplayable', { codec: state.codec }), more: t('media.unplayable.more') };
    case 'end':
      return { tone: 'plain', what: t('media.end') };
    case 'connecting':
    case 'waiting':
      return sayWaiting(status, waitedMs);
    default:
      return undefined;
  }
}

function faultSaid(code: string): { what: string; more: string } {
  if (code === 'control.forbidden' || code === 'control.no-such-camera')
    return { what: t('media.notShared'), more: '' };
  const { what, advice } = faultWords({ code, what: t('media.fault'), advice: '' });
  return { what, more: advice };
}

/** Why the box does not convert what this browser cannot play. */
function unconvertedSaid(code: string, codec: string): Omit<Said, 'tone'> {
  const { what, more } = faultSaid(code);
  const help = code === 'live.no-ffmpeg' && may('state') ? '/system/state' : undefined;
  return { what: t('media.unplayable', { codec }), more: `${what} ${more}`, help };
}

function sayWaiting(status: CameraStatus | undefined, waitedMs: number): Said | undefined {
  if (status?.problem) {
    const lasts = status.gapSince === undefined ? 0 : (boxNow() - Date.parse(status.gapSince)) / 1000;
    const what = faultWords(status.problem).what;
    const retry = status.nextTry === undefined ? 0 : (Date.parse(status.nextTry) - boxNow()) / 1000;
    return {
      tone: 'bad',
      what: lasts > 0 ? t('media.lasts', { what: what.replace(/[.。]$/, ''), length: length(lasts) }) : what,
      more: retry > 0 ? t('media.retryIn', { length: length(retry) }) : undefined,
    };
  }
  if (waitedMs < 2000) return undefined;
  if (status && isOff(status) && status.connection === 'off') return { tone: 'plain', what: t('media.off') };
  return { tone: 'plain', what: status?.connection === 'playing' ? t('media.waitKey') : t('media.connecting') };
}
