const [size] = process.argv.slice(2);
const { openEngine } = await import('./dist/engine/index.js');
await openEngine();
const tf = await import('@tensorflow/tfjs-core');
const { train } = await import('./dist/train/loop.js');
const { decoder, decoderSpecs, embedTokens, vocabularyLogits } = await import('./dist/model/decoder.js');
const { initialise } = await import('./dist/model/parameters.js');
const { causalMask, crossEntropy } = await import('./dist/model/layers/index.js').then(async m=>({...m, ...(await import('./dist/model/layers/cross-entropy.js'))}));
const S = { mid: [256,4,256,8,1024,8], tiny: [64,4,128,8,512,4] }[size];
const [w,L,T,B,V,H]=S;
const config={vocab_size:V,hidden_size:w,intermediate_size:Math.round(w*8/3/8)*8,num_hidden_layers:L,num_attention_heads:H,num_key_value_heads:H,rms_norm_eps:1e-5,rope_theta:1e4,tie_word_embeddings:true};
const ids=Int32Array.from({length:B*T},(_,i)=>(i*7919+(i>>3))%V), targets=Int32Array.from({length:B*T},(_,i)=>(i*104729)%V);
const positions=Float32Array.from({length:B*T},(_,i)=>i%T);
const arrays={ids:{values:ids,shape:[B,T]},targets:{values:targets,shape:[B*T]},positions:{values:positions,shape:[B,T]}};
let last=performance.now(); const times=[]; const losses=[];
await train({parameters:initialise(decoderSpecs(config),0),batches:{facts:{},begin(){},next:async()=>({arrays,data:null}),close:async()=>{}},
 loss:(p,b)=>{const {last}=decoder(p,config,{embeddings:embedTokens(p,b.ids),positions:b.positions,mask:causalMask(T)}); return tf.mean(crossEntropy(tf.reshape(vocabularyLogits(p,config,last),[B*T,V]),b.targets));},
 steps:20,learningRate:1e-3,warmup:0,schedule:'constant',adam:{beta1:.9,beta2:.95,epsilon:1e-8,weightDecay:.1,clip:1},
 onStep:(r)=>{const n=performance.now();times.push(n-last);last=n;losses.push(r.loss)}});
times.sort((a,b)=>a-b);
console.log(size,'median',times[10].toFixed(1),'min',times[0].toFixed(1),'max',times[19].toFixed(0),losses.slice(0,3),losses.at(-1));
