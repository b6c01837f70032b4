{
  'variables': { 'sanitize%': 0 },
  'targets': [{
    'target_name': 'apertus_native',
    'sources': ['<!@(node sources.mjs)'],
    'include_dirs': [
      "<!(node -p \"require('node-api-headers').include_dir\")",
      "<!(node -p \"require('node-addon-api').include_dir\")",
      'src',
    ],
    'defines': ['NAPI_VERSION=9', 'NODE_ADDON_API_DISABLE_DEPRECATED', 'NAPI_CPP_EXCEPTIONS'],
    'cflags_cc': ['-std=c++20', '-O3', '-Wall', '-Wextra', '-Werror', '-fexceptions', '-fvisibility=hidden',
                  # a kernel that feeds a decision gives the same bits on every processor
                  '-ffp-contract=off', '-fno-fast-math'],
    'cflags_cc!': ['-fno-exceptions', '-fno-rtti'],
    'xcode_settings': {
      'CLANG_CXX_LANGUAGE_STANDARD': 'c++20', 'GCC_ENABLE_CPP_EXCEPTIONS': 'YES',
      'OTHER_CPLUSPLUSFLAGS': ['-O3', '-Wall', '-Wextra', '-Werror', '-ffp-contract=off'],
    },
    'conditions': [
      ['sanitize==1', {
        'cflags_cc': ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer', '-g', '-O1'],
        'ldflags': ['-fsanitize=address,undefined'],
      }],
    ],
  }],
}
