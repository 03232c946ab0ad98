export {
  type AuditClient,
  type AuditParameters,
  type AuditPhase,
  type AuditProgress,
  audit,
} from './audit.ts'
export {
  type CheckName as AuditCheckName,
  type CheckResult as AuditCheckResult,
  checkNames as auditChecks,
  type Finding as AuditFinding,
} from './checks.ts'
export type {
  ExecuteTask,
  Executions as AuditExecutions,
  SampledTask,
  TaskExecution,
  TaskLimits,
  TaskToExecute,
} from './executions.ts'
export { renderAuditReport } from './render.ts'
export type { AuditReport, AuditVerdict } from './report.ts'
export type { NotServed as AuditNotServed } from './results.ts'
