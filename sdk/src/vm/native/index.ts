export { createNativeEngine, type NativeEngineParameters, nativeModules } from './engine.ts'
export { type InstrumentParameters, instrument } from './instrument.ts'
export { type Build, nativeExports } from './layout.ts'
export { type NativeEnding, type NativeModules, type NativeTask, runBuild, runNative } from './run.ts'
