export { describeStrategy, type StrategyContractOptions, type TestFramework } from './strategies/contract.js'
