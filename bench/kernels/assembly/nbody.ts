import { finish, size } from './host'

const BODIES: usize = 5
const STRIDE: usize = 56
/** x, y, z, vx, vy, vz, mass of each body. */
const bodies: usize = memory.data<f64>([
  0, 0, 0, 0, 0, 0, 39.47841760435743,
  4.84143144246472090, -1.16032004402742839, -0.103622044471123109, 0.606326392995832, 2.81198684491626, -0.02521836165988763, 0.03769367487038949,
  8.34336671824457987, 4.12479856412430479, -0.403523417114321, -1.01077434617879, 1.82566237123041, 0.008415761376584154, 0.011286326131968767,
  12.8943695621391310, -15.1111514016986312, -0.223307578892655734, 1.08279100644153, 0.868713018169608, -0.010832637401363636, 0.0017237240570597112,
  15.3796971148509165, -25.9193146099879641, 0.179258772950371181, 0.979090732243898, 0.594698998647676, -0.034755955504078104, 0.0020336868699246304,
])

/** The planets' way for n steps of a hundredth of a day. */
export function run(): void {
  const n = size()
  for (let step: u32 = 0; step < n; step++) {
    for (let i: usize = 0; i < BODIES; i++) {
      const a = bodies + i * STRIDE
      for (let j = i + 1; j < BODIES; j++) {
        const b = bodies + j * STRIDE
        const x = load<f64>(a) - load<f64>(b)
        const y = load<f64>(a, 8) - load<f64>(b, 8)
        const z = load<f64>(a, 16) - load<f64>(b, 16)
        const square = x * x + y * y + z * z
        const pull = 0.01 / (square * sqrt<f64>(square))
        const ma = load<f64>(a, 48) * pull
        const mb = load<f64>(b, 48) * pull
        store<f64>(a, load<f64>(a, 24) - x * mb, 24)
        store<f64>(a, load<f64>(a, 32) - y * mb, 32)
        store<f64>(a, load<f64>(a, 40) - z * mb, 40)
        store<f64>(b, load<f64>(b, 24) + x * ma, 24)
        store<f64>(b, load<f64>(b, 32) + y * ma, 32)
        store<f64>(b, load<f64>(b, 40) + z * ma, 40)
      }
    }
    for (let i: usize = 0; i < BODIES; i++) {
      const a = bodies + i * STRIDE
      store<f64>(a, load<f64>(a) + 0.01 * load<f64>(a, 24))
      store<f64>(a, load<f64>(a, 8) + 0.01 * load<f64>(a, 32), 8)
      store<f64>(a, load<f64>(a, 16) + 0.01 * load<f64>(a, 40), 16)
    }
  }
  finish(load<u64>(bodies + STRIDE))
}
