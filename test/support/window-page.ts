/** What must hold of every page of the window, looked at from within the browser. */
import type { Page } from 'playwright-core';

// Runs in the page; given as text because the test's own types know no browser.
const FAULTS = `(touch) => {
  const faults = [];
  const say = (what, element) => faults.push(what + ': ' + element.outerHTML.slice(0, 120));
  const seen = (element) => element.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true });
  const hidden = (element) => element.closest('[aria-hidden=true], .hidden-text') !== null;
  const all = (selector) => [...document.querySelectorAll(selector)].filter((element) => seen(element) && !hidden(element));

  const heads = all('h1, [role=heading][aria-level="1"]');
  if (heads.length !== 1) faults.push(heads.length + ' main headings');
  if (document.querySelectorAll('main').length !== 1) faults.push('not one main');

  const named = (element) => {
    const by = element.getAttribute('aria-labelledby');
    const label = element.labels?.[0]?.textContent;
    return (element.getAttribute('aria-label') || (by && document.getElementById(by)?.textContent) || label || element.textContent || '').trim();
  };
  for (const control of all('button, a[href], input, select, textarea, summary, [role=img], [role=region], nav, dialog')) {
    if (named(control) === '') say('has no name', control);
  }
  const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
  if (new Set(ids).size !== ids.length) faults.push('an id is there twice');
  for (const attribute of ['for', 'aria-labelledby', 'aria-describedby']) {
    for (const element of document.querySelectorAll('[' + attribute + ']')) {
      if (!document.getElementById(element.getAttribute(attribute))) say(attribute + ' leads nowhere', element);
    }
  }

  // Targets (WCAG 2.2, 2.5.8): 24 px at least, 44 px where fingers press; links within sentences and the cells of a calendar may be small.
  const least = touch ? 43.5 : 23.5;
  for (const control of all('button, a.button, .rail a, summary, select, input:not([type=checkbox])')) {
    if (control.matches('.day-cell, th button, .banner summary, input[type=file]')) continue;
    const { width, height } = control.getBoundingClientRect();
    if (width > 0 && (height < least && !control.matches('.me > summary') || height < 23.5)) say('is ' + height + ' px high', control);
  }

  if (document.documentElement.scrollWidth > innerWidth) faults.push('the page is wider than the window');
  const main = document.querySelector('main');
  if (main && main.scrollWidth > main.clientWidth) {
    const right = main.getBoundingClientRect().left + main.clientWidth;
    const wide = [...main.querySelectorAll('*')].filter((each) => each.getBoundingClientRect().right > right + 0.5);
    say('the content is wider than the page', wide.at(-1) ?? main);
  }

  // Contrast of what is really drawn (WCAG 1.4.3).
  const numbers = (colour) => {
    const srgb = /^color\\(srgb ([\\d.]+) ([\\d.]+) ([\\d.]+)(?: \\/ ([\\d.]+))?\\)/.exec(colour);
    if (srgb) return [srgb[1] * 255, srgb[2] * 255, srgb[3] * 255, Number(srgb[4] ?? 1)];
    const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number);
    return [r, g, b, a];
  };
  const over = (top, below) => [0, 1, 2].map((at) => top[at] * top[3] + below[at] * (1 - top[3])).concat(1);
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const colour = numbers(getComputedStyle(at).backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reduceRight((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (walker.currentNode.textContent.trim() === '' || !seen(element) || hidden(element)) continue;
    if (element.closest(':disabled, .busy, .skip, script, style, option')) continue;
    const below = ground(element);
    const [one, other] = [luminance(over(numbers(getComputedStyle(element).color), below)), luminance(below)];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) say('contrast ' + ratio.toFixed(2), element);
  }
  return [...new Set(faults)];
}`;

/** Names of what is wrong with the page as it stands: names, headings, sizes, contrast. Empty if nothing is. */
export async function faultsOf(page: Page, touch: boolean): Promise<string[]> {
  return page.evaluate(`(${FAULTS})(${touch})`);
}

/** Words of the English table that a page in Chinese should not show: whole text nodes of Latin letters only. */
export async function textNodes(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) found.push(walker.currentNode.textContent.trim());
    return found.filter(Boolean);
  })()`);
}

/** Bytes that came over the wire for what the page has loaded so far, headers left out. */
export async function loadedBytes(page: Page): Promise<number> {
  return page.evaluate(`[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .filter(({ name }) => !name.includes('/api/'))
    .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)`);
}
