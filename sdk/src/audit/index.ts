export {
  type AuditClient,
  type AuditParameters,
  type AuditPhase,
  type AuditProgress,
  audit,
} from './audit.ts'
export { type CheckName, type CheckResult, checkNames, type Finding } from './checks.ts'
export type { ExecuteTask, Executions, SampledTask, TaskExecution, TaskLimits } from './executions.ts'
export { renderAuditReport } from './render.ts'
export type { AuditReport, AuditVerdict } from './report.ts'
export type { NotServed } from './results.ts'
