import type { ComponentType } from 'preact';
import { may, type Right } from '../box/session.ts';
import type { IconName } from '../parts/icon.tsx';
import type { Word } from '../words/index.ts';

export interface Page {
  /** First part of its paths; the empty one is the start. */
  readonly at: string;
  readonly icon: IconName;
  /** The short word of the rail. */
  readonly word: Word;
  /** G and then this letter leads there. */
  readonly letter: string;
  /** Any of them is enough; none: everybody. A page without right is not in the rail and not found. */
  readonly rights: readonly Right[];
  /** Where a phone shows it: in its bar, or behind More. */
  readonly phone: 'bar' | 'more';
  /** False: reached from other pages only. */
  readonly inRail?: false;
  /** Pages are loaded when they are first opened. */
  readonly load: () => Promise<ComponentType>;
}

/** What there is, in the order of the rail. A page of another hand is one more entry. */
export const PAGES: readonly Page[] = [
  {
    at: '',
    icon: 'home',
    word: 'nav.home',
    letter: 'h',
    rights: [],
    phone: 'bar',
    load: async () => (await import('../pages/home.tsx')).Home,
  },
  {
    at: 'live',
    icon: 'live',
    word: 'nav.live',
    letter: 'l',
    rights: ['live'],
    phone: 'bar',
    load: async () => (await import('../pages/live/index.tsx')).Live,
  },
  {
    at: 'playback',
    icon: 'playback',
    word: 'nav.playback',
    letter: 'p',
    rights: ['playback'],
    phone: 'bar',
    load: async () => (await import('../pages/playback/index.tsx')).Playback,
  },
  {
    at: 'files',
    icon: 'files',
    word: 'nav.files',
    letter: 'f',
    rights: ['export', 'lock'],
    phone: 'more',
    load: async () => (await import('../pages/files/index.tsx')).Files,
  },
  {
    at: 'cameras',
    icon: 'camera',
    word: 'nav.cameras',
    letter: 'c',
    rights: [],
    phone: 'bar',
    load: async () => (await import('../pages/cameras/index.tsx')).Cameras,
  },
  {
    at: 'storage',
    icon: 'storage',
    word: 'nav.storage',
    letter: 's',
    rights: ['disks', 'state'],
    phone: 'more',
    load: async () => (await import('../pages/storage/index.tsx')).Storage,
  },
  {
    at: 'assurance',
    icon: 'assurance',
    word: 'nav.assurance',
    letter: 'r',
    rights: ['state'],
    phone: 'more',
    load: async () => (await import('../pages/assurance/index.tsx')).Assurance,
  },
  {
    at: 'problems',
    icon: 'warning',
    word: 'nav.problems',
    letter: 'o',
    rights: ['state'],
    phone: 'more',
    load: async () => (await import('../pages/problems.tsx')).Problems,
  },
  {
    at: 'system',
    icon: 'system',
    word: 'nav.system',
    letter: 'y',
    rights: [],
    phone: 'more',
    load: async () => (await import('../pages/system/index.tsx')).System,
  },
];

export function allowed({ rights }: Page): boolean {
  return rights.length === 0 || rights.some((right) => may(right));
}

/** Those that the one who is signed in may open. */
export function pagesOfMine(): Page[] {
  return PAGES.filter(allowed);
}
