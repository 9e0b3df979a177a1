// One stage of the original's render in parts, by the functions that its own Lambda handler calls:
//   node original_stages.mjs MODULE plan PLAN PROJECT CONFIG
//   node original_stages.mjs MODULE render-chunk PLAN OUTPUT
//   node original_stages.mjs MODULE assemble PLAN CHUNK OUTPUT
const [module, stage, plan, ...rest] = process.argv.slice(2);
const { planV2, renderChunkV2, assembleV2 } = await import(module);
const stages = {
  plan: (project, config) => planV2(project, JSON.parse(config), plan),
  "render-chunk": (output) => renderChunkV2(plan, 0, output),
  assemble: (chunk, output) => assembleV2(plan, [chunk], output),
};
await stages[stage](...rest);
process.exit(0); // as a handler answers then, whatever still waits for something
