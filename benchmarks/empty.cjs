// What `require` costs when there is nothing to require.
