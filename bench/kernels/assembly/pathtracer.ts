import { finish, size } from './host'

let seed: u32 = 1

function random(): f32 {
  seed = seed * 1664525 + 1013904223
  return f32(seed >> 8) / f32(16777216)
}

/** Distance to a sphere along a ray, or a negative number. */
function hit(ox: f32, oy: f32, oz: f32, dx: f32, dy: f32, dz: f32, cx: f32, cy: f32, cz: f32, r: f32): f32 {
  const x = ox - cx
  const y = oy - cy
  const z = oz - cz
  const b = x * dx + y * dy + z * dz
  const d = b * b - (x * x + y * y + z * z - r * r)
  if (d < 0) return -1
  return -b - sqrt<f32>(d)
}

/** n × n rays into a scene of spheres on a large one, each with a few bounces. */
export function run(): void {
  const n = size()
  let sum: f32 = 0
  for (let py: u32 = 0; py < n; py++) {
    for (let px: u32 = 0; px < n; px++) {
      let ox: f32 = 0, oy: f32 = 1, oz: f32 = -4
      let dx = (f32(px) + random()) / f32(n) - f32(0.5)
      let dy = (f32(py) + random()) / f32(n) - f32(0.5)
      let dz: f32 = 1
      let light: f32 = 1
      for (let bounce = 0; bounce < 4; bounce++) {
        const scale: f32 = f32(1) / sqrt<f32>(dx * dx + dy * dy + dz * dz)
        dx *= scale
        dy *= scale
        dz *= scale
        let nearest: f32 = 1e9
        let center = -1
        for (let i = 0; i < 6; i++) {
          const t = i == 0 ? hit(ox, oy, oz, dx, dy, dz, 0, -1000, 0, 1000) : hit(ox, oy, oz, dx, dy, dz, f32(i - 3), 0.5, f32(i & 1), 0.5)
          if (t > f32(0.001) && t < nearest) {
            nearest = t
            center = i
          }
        }
        if (center < 0) {
          sum += light * (dy + f32(1))
          break
        }
        ox += nearest * dx
        oy += nearest * dy
        oz += nearest * dz
        const nx = center == 0 ? ox / f32(1000) : (ox - f32(center - 3)) * f32(2)
        const ny = center == 0 ? (oy + f32(1000)) / f32(1000) : (oy - f32(0.5)) * f32(2)
        const nz = center == 0 ? oz / f32(1000) : (oz - f32(center & 1)) * f32(2)
        dx = nx + random() - f32(0.5)
        dy = ny + random() - f32(0.5)
        dz = nz + random() - f32(0.5)
        light *= f32(0.7)
      }
    }
  }
  finish(reinterpret<u32>(sum))
}
