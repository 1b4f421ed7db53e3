/** Who asks, as doors see it. */
export { anonymous, LOCAL, type Caller, type Right } from '../accounts/index.ts';
