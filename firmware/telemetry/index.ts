/** What the box says about itself: log lines, figures, and the list of its problems. Runs in: any thread. */
export { createLogger, flushLogger, type Logger, type LoggerOptions, type LogLevel } from './logger.ts';
export { LoopDelay } from './loop-delay.ts';
export {
  Metrics,
  type Counter,
  type Gauge,
  Histogram,
  type Labels,
  type MetricSample,
  type Reading,
} from './metrics.ts';
export { Problems, type Problem, type ProblemListener, type Severity } from './problems.ts';
