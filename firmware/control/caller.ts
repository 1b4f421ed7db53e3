/** Who asks, as doors see it. */
export { anonymous, LOCAL, systemCaller, type Caller, type Right } from '../accounts/index.ts';
