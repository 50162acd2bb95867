/**
 * Files are written by as many workers as there are processors, from so many files on: starting two takes as long as
 * writing some hundred files, and handing them their work as much again (git-config(1), checkout.workers).
 */
export const PARALLEL_CHECKOUT = {
  'checkout.workers': '0',
  'checkout.thresholdForParallelism': '1000',
} as const
