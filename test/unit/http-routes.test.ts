import t from 'tap';
import { z } from 'zod';
import { OPERATIONS } from '../../firmware/control/operations/index.ts';
import { describedRouteOf, inputFromQuery, routeOf } from '../../firmware/http/routes.ts';

t.test('a route keeps of the shapes of its operation only what it looks at', (t) => {
  let kept = 0;
  let described = 0;
  for (const each of OPERATIONS) {
    const operation = { ...each, scoped: false };
    const { operation: _, ...route } = routeOf(operation);
    const { input, output, query, methods, paged } = describedRouteOf(operation);
    t.equal(paged, output.type === 'array', `${operation.name} is given page by page if it is a list`);
    if (methods.includes('GET'))
      t.strictSame(Object.keys(query.properties ?? {}), Object.keys(input.properties ?? {}), operation.name);
    kept += JSON.stringify(route).length;
    described += JSON.stringify([input, output]).length;
  }
  t.ok(kept < described / 7, `${kept} of ${described} characters`);
  t.end();
});

t.test('a query becomes what the input wants', (t) => {
  const { query, methods } = routeOf({
    ...OPERATIONS.find(({ effect }) => effect === 'read')!,
    scoped: false,
    input: z.strictObject({ name: z.string(), most: z.number(), deep: z.boolean(), kinds: z.array(z.number()) }),
  });
  t.same(methods, ['GET', 'POST']);
  t.same(inputFromQuery(query, { name: '7', most: '7', deep: 'true', kinds: '3', other: '1' }), {
    name: '7',
    most: 7,
    deep: true,
    kinds: [3],
    other: '1',
  });
  t.same(inputFromQuery(query, { kinds: ['1', 'x'], deep: 'maybe' }), { kinds: [1, 'x'], deep: 'maybe' });
  t.end();
});
