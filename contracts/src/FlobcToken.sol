// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Capped} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Capped.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title FlobcToken
/// @notice The token in which bonds, budgets and rewards are counted: ERC-20 with permit and a supply that never
/// passes its cap. The owner may mint up to the cap; nobody may burn what is somebody else's.
contract FlobcToken is ERC20, ERC20Capped, ERC20Permit, Ownable {
    /// @param owner_ May mint.
    /// @param capWei The most that ever exists; at most 2^96 - 1, so that amounts fit the packed slots of the ledger.
    constructor(
        address owner_,
        uint96 capWei
    ) ERC20("FLoBC", "FLOBC") ERC20Capped(capWei) ERC20Permit("FLoBC") Ownable(owner_) {}

    function mint(address account, uint256 amountWei) external onlyOwner {
        _mint(account, amountWei);
    }

    function _update(address from, address to, uint256 amountWei) internal override(ERC20, ERC20Capped) {
        super._update(from, to, amountWei);
    }
}
